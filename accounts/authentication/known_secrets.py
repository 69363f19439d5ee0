"""A tenant's secrets, compared in the same time whether there are any.

A wrong secret and an unknown tenant take equally long: as many rows are made, as many secrets
decrypted and as many digests compared. A right secret pays for none of that.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection

from accounts.authentication.signature import TenantCaller, caller_of
from accounts.models import ApiCredential, Tenant
from accounts.states import CredentialStatus
from config.kernel.encryption import lookup_hash

# Two credentials of each mode.
MOST_SECRETS = 4
# No secret's digest: compared with all the same, in the same time.
_NOBODYS = b"-" * 64
# What the caller is made of is read, and no other secret of the tenant decrypted for it.
_COLUMNS = (
    "key_id", "secret", "mode", "tenant__platform_code", "tenant__name", "tenant__status",
    "tenant__time_zone", "tenant__external_addresses", "tenant__requests_per_minute",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A tenant's callers by their secrets' digests, and the networks that may use these."""

    digests: tuple[tuple[bytes, TenantCaller], ...]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def read_known(code: str) -> Known | None:
    """What works now of the tenant of this platform code; None where nothing does."""
    rows = list(
        ApiCredential.objects.select_related("tenant")
        .only(*_COLUMNS)
        .filter(tenant__platform_code=code, status=CredentialStatus.ACTIVE)
        .order_by("id")[:MOST_SECRETS]
    )
    if not rows:
        return None
    networks = (ipaddress.ip_network(each) for each in rows[0].tenant.external_addresses)
    return Known(digests=tuple(_digest(row) for row in rows), networks=tuple(networks))


def compared(known: Known | None, given: bytes) -> TenantCaller | None:
    """Whose secret's digest it is; always as many comparisons, whether or not one was right."""
    digests = known.digests if known else ()
    found: TenantCaller | None = None
    for place in range(MOST_SECRETS):
        digest = digests[place][0] if place < len(digests) else _NOBODYS
        if hmac.compare_digest(digest, given) and place < len(digests):
            found = digests[place][1]
    return found


def take_as_long(known: Known | None) -> None:
    """Do for the secrets that a tenant has not, or that nobody has, what was done for others'."""
    for _ in range(MOST_SECRETS - (len(known.digests) if known else 0)):
        _digest(_nobodys_row())


def _digest(row: ApiCredential) -> tuple[bytes, TenantCaller]:
    return lookup_hash(row.secret).encode(), caller_of(row)


def _nobodys_row() -> ApiCredential:
    """A row as the database would have given it, its secret decrypted."""
    field, token = _nobodys_secret()
    secret = field.from_db_value(token, None, connection)
    return ApiCredential(tenant=Tenant(platform_code="-", name="-"), key_id="-", secret=secret)


@cache
def _nobodys_secret() -> tuple[Any, bytes]:
    """The column, and what would lie in it of a secret as long as those that are issued."""
    field: Any = ApiCredential._meta.get_field("secret")
    return field, bytes(field.get_db_prep_save("sk_" + "-" * 43, connection))
