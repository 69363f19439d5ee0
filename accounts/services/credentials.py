"""API credentials are issued once in clear, rotate two at a time, and are revoked for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from accounts.models import ApiCredential
from accounts.states import CredentialStatus, Mode
from config.kernel.states import Outrun

if TYPE_CHECKING:
    from accounts.models import Tenant

SLOTS = (1, 2)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key pair; `secret` is shown here and never again."""

    key_id: str
    secret: str
    mode: str


def newest_key_id(*, tenant: Tenant, mode: str) -> str | None:
    """The key id issued last that still works, or None."""
    return (
        ApiCredential.objects.filter(tenant=tenant, mode=mode, status=CredentialStatus.ACTIVE)
        .order_by("-created_at", "-id")
        .values_list("key_id", flat=True)
        .first()
    )


def issue_credential(
    *, tenant: Tenant, at: datetime, mode: str = Mode.LIVE, known: str | None = None
) -> IssuedKey:
    """Issue one more key; where two are active already, the older one stops working.

    With `known` it is issued only while that is still the newest key: asking twice, as a browser
    does that is told to reload, issues one key.

    :raises Outrun: when another issue ran before or at the same moment; ask again.
    """
    issued = IssuedKey(f"ak_{secrets.token_hex(12)}", f"sk_{secrets.token_urlsafe(32)}", mode)
    try:
        with transaction.atomic():
            active = list(
                ApiCredential.objects.select_for_update()
                .filter(tenant=tenant, mode=mode, status=CredentialStatus.ACTIVE)
                .order_by("created_at", "id")
            )
            if known is not None and known != (active[-1].key_id if active else ""):
                raise Outrun
            while len(active) >= len(SLOTS):
                revoke_credential(credential=active.pop(0), at=at)
            taken = {credential.slot for credential in active}
            ApiCredential.objects.create(
                tenant=tenant,
                key_id=issued.key_id,
                secret=issued.secret,
                mode=mode,
                slot=next(slot for slot in SLOTS if slot not in taken),
            )
    except IntegrityError:
        raise Outrun from None
    return issued


def revoke_credential(*, credential: ApiCredential, at: datetime) -> bool:
    """Stop a key from working, everywhere within 30 seconds; False where it had been before."""
    rows = ApiCredential.objects.filter(pk=credential.pk, status=CredentialStatus.ACTIVE)
    return rows.update(status=CredentialStatus.REVOKED, slot=None, revoked_at=at) == 1
