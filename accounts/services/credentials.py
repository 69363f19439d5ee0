"""API credentials are issued once in clear, rotate two at a time, and are revoked for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.errors import OwnKeyRevoked, SignatureInvalid
from accounts.models import ApiCredential, Tenant
from accounts.states import CredentialStatus, Mode
from config.kernel.errors import Missing
from config.kernel.states import Outrun

SLOTS = (1, 2)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key pair; `secret` is shown here and never again."""

    key_id: str
    secret: str
    mode: str


@dataclass(frozen=True, slots=True)
class RotatedKey:
    """A new key pair, and the key id that stopped working for it."""

    issued: IssuedKey
    revoked_key_id: str | None


def keys_in_force(*, tenant: Tenant, mode: str) -> list[str]:
    """The ids of the keys that work, in the order they were issued."""
    rows = ApiCredential.objects.filter(tenant=tenant, mode=mode, status=CredentialStatus.ACTIVE)
    return list(rows.order_by("created_at", "id").values_list("key_id", flat=True))


def newest_key_id(*, tenant: Tenant, mode: str) -> str | None:
    """The key id issued last that still works, or None."""
    return next(reversed(keys_in_force(tenant=tenant, mode=mode)), None)


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


def rotate_credential(*, tenant_id: int, is_test: bool, at: datetime) -> RotatedKey:
    """Issue a tenant one more key of its mode; where it had two, the older one is named.

    :raises Missing: no such tenant. :raises Outrun: another issue ran at the same moment.
    """
    mode = Mode.TEST if is_test else Mode.LIVE
    with transaction.atomic():
        tenant = Tenant.objects.filter(pk=tenant_id).first()
        if tenant is None:
            raise Missing
        before = _active_keys(tenant_id, mode)
        issued = issue_credential(tenant=tenant, at=at, mode=mode)
        revoked = set(before) - set(_active_keys(tenant_id, mode))
    return RotatedKey(issued, next(iter(revoked), None))


def revoke_own_credential(
    *, tenant_id: int, is_test: bool, key_id: str, signed_by: str, at: datetime
) -> ApiCredential:
    """Revoke a tenant's key on its own word; revoked already, it stays so.

    Two keys that revoke each other at one moment do not both succeed.

    :raises OwnKeyRevoked: it signs this very request. :raises Missing: it is not the tenant's.
    :raises SignatureInvalid: the signing key was revoked meanwhile.
    """
    mode = Mode.TEST if is_test else Mode.LIVE
    with transaction.atomic():
        rows = ApiCredential.objects.filter(tenant_id=tenant_id, mode=mode)
        active = _active_keys(tenant_id, mode)
        credential = rows.filter(key_id=key_id).first()
        if credential is None:
            raise Missing
        if key_id == signed_by:
            raise OwnKeyRevoked
        if signed_by not in active:
            raise SignatureInvalid
        revoke_credential(credential=credential, at=at)
        credential.refresh_from_db()
    return credential


def _active_keys(tenant_id: int, mode: str) -> list[str]:
    rows = ApiCredential.objects.select_for_update().filter(
        tenant_id=tenant_id, mode=mode, status=CredentialStatus.ACTIVE
    )
    return list(rows.order_by("created_at", "id").values_list("key_id", flat=True))
