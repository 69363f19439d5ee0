"""A tenant points its callbacks elsewhere and changes its secret without losing one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from django.db import transaction

from accounts.errors import CallbackHostNotListed
from accounts.models import Tenant
from accounts.services.addresses import callback_host
from accounts.services.tenants import UNSET, Unset, new_callback_secret, update_tenant
from config.kernel.errors import Missing
from config.kernel.states import Outrun
from config.kernel.work.claims import again_if_deadlocked

BOTH_SIGN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RotatedSecret:
    """The new secret, shown here and never again; the old one signs beside it until then."""

    callback_secret: str
    previous_valid_until: datetime


def rotate_callback_secret(
    *, tenant_id: int, at: datetime, known_until: datetime | Unset | None = UNSET
) -> RotatedSecret:
    """Make a new secret; the one until now signs too for 24 hours, one before that no more.

    With `known_until` (the tenant's `previous_secret_until` as it was seen) only while it is
    still that: a page sent twice changes the secret once.

    :raises Missing: no such tenant. :raises Outrun: it was rotated since.
    """

    def run() -> RotatedSecret:
        with transaction.atomic():
            tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
            if tenant is None:
                raise Missing
            if known_until is not UNSET and tenant.previous_secret_until != known_until:
                raise Outrun
            tenant.previous_callback_secret = tenant.callback_secret
            until = tenant.previous_secret_until = at + BOTH_SIGN
            made = new_callback_secret()
            tenant.callback_secret = cast("Any", made)
            tenant.save(
                update_fields=[
                    "callback_secret", "previous_callback_secret", "previous_secret_until",
                    "updated_at",
                ]
            )  # fmt: skip
        return RotatedSecret(made, until)

    return again_if_deadlocked(run)


def change_own_callback(*, tenant_id: int, url: str | None = None, ack: str | None = None) -> None:
    """What a tenant may change by itself: its URL (empty: none), to a host on its list.

    :raises CallbackHostNotListed: another host. :raises CallbackUrlRefused: we would never call it.
    :raises Malformed: no such `ack`. :raises Missing: no such tenant.
    """

    def run() -> None:
        with transaction.atomic():
            tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
            if tenant is None:
                raise Missing
            if url and (host := callback_host(url)) not in _listed(tenant):
                raise CallbackHostNotListed(host=host)
            update_tenant(tenant_id=tenant_id, callback_url=url, callback_ack=ack)

    again_if_deadlocked(run)


def _listed(tenant: Tenant) -> set[str]:
    own = (urlsplit(tenant.callback_url).hostname or "").lower()
    return {*tenant.callback_hosts, own} - {""}
