"""An order's own callback address is one of a host that its tenant has on the list, or none."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import CallbackHostNotListed
from accounts.queries import callback_addresses
from accounts.services.addresses import callback_host


def own_callback_url(*, tenant_id: int, url: str) -> str | None:
    """The address an order of this tenant is to keep; None where the tenant's default serves.

    :raises CallbackHostNotListed: its host is not on the tenant's list.
    :raises CallbackUrlRefused: we would never call it.
    """
    known = callback_addresses(tenant_id)
    if not url or url == known.default_url:
        return None
    host = callback_host(url)
    default_host = (urlsplit(known.default_url).hostname or "").lower()
    # Plain http came through only on loopback and only where that is allowed.
    loopback = settings.OUTBOUND_ALLOW_LOOPBACK and host in {"127.0.0.1", "localhost", "::1"}
    if host not in known.hosts and host != default_host and not loopback:
        raise CallbackHostNotListed(host=host)
    return url
