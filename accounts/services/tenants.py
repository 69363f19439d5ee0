"""Tenants are created once and can be asked for again without effect."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Tenant
from accounts.services.addresses import callback_host, clean_hosts, clean_networks
from accounts.services.credentials import issue_credential, newest_key_id
from accounts.states import CallbackAck, Mode, TenantStatus
from config.kernel.errors import Malformed, Missing, Rejected

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MOST_REQUESTS = 1_000_000


class Unset(Enum):
    """Not given, where None says something."""

    UNSET = "unset"


UNSET = Unset.UNSET
_SAVED = (
    "name", "callback_url", "callback_hosts", "callback_ack", "external_addresses",
    "requests_per_minute",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TenantIssued:
    """The outcome of `create_tenant`; secrets are None unless they were made just now."""

    tenant: Tenant
    api_key: str | None
    api_secret: str | None
    callback_secret: str | None
    created: bool


def create_tenant(
    *,
    code: str,
    name: str,
    at: datetime,
    callback_url: str | None = None,
    callback_hosts: Sequence[str] = (),
    callback_ack: str | None = None,
    external_addresses: Sequence[str] | None = None,
    requests_per_minute: int | Unset | None = UNSET,
    mode: str = Mode.LIVE,
    rotate: bool = False,
    only_new: bool = False,
) -> TenantIssued:
    """Create the tenant `code` with one credential, or bring an existing one up to the options.

    Run again it changes only what is given, issues nothing unless `rotate` (or no key of this
    mode is left), and gives no secret a second time. With `only_new` an existing one is refused.

    :raises Malformed: code, name or callback address cannot be used, or the code is taken.
    """
    if not _CODE.fullmatch(code):
        raise Malformed(fields={"code": ["只能含字母、数字、点、下划线与短横线，最长 64 位。"]})
    if not name.strip() or len(name) > 200:
        raise Malformed(fields={"name": ["请填写 1 到 200 个字符的名称。"]})
    callback_secret = new_callback_secret()
    try:
        with transaction.atomic():
            tenant, created = Tenant.objects.select_for_update().get_or_create(
                platform_code=code,
                defaults={"name": name, "callback_secret": callback_secret},
            )
            if only_new and not created:
                raise Malformed(fields={"code": ["该平台编码已存在。"]})
            tenant.name = name
            _apply_callback(tenant, callback_url, callback_hosts)
            _apply_limits(tenant, callback_ack, external_addresses, requests_per_minute)
            tenant.save(update_fields=[*_SAVED, "updated_at"])
            key_id = newest_key_id(tenant=tenant, mode=mode)
            issued = None
            if rotate or key_id is None:
                issued = issue_credential(tenant=tenant, at=at, mode=mode)
    except IntegrityError:
        # Two first runs at once: the other one made it, ours now finds it.
        return create_tenant(
            code=code, name=name, at=at, callback_url=callback_url,
            callback_hosts=callback_hosts, callback_ack=callback_ack,
            external_addresses=external_addresses, requests_per_minute=requests_per_minute,
            mode=mode, rotate=rotate, only_new=only_new,
        )  # fmt: skip
    return TenantIssued(
        tenant=tenant,
        api_key=issued.key_id if issued else key_id,
        api_secret=issued.secret if issued else None,
        callback_secret=callback_secret if created else None,
        created=created,
    )


def update_tenant(
    *,
    tenant_id: int,
    name: str | None = None,
    time_zone: str | None = None,
    callback_url: str | None = None,
    callback_hosts: Sequence[str] | None = None,
    callback_ack: str | None = None,
    external_addresses: Sequence[str] | None = None,
    requests_per_minute: int | Unset | None = UNSET,
) -> Tenant:
    """Change what is given; the host of the callback address is always on the list.

    `requests_per_minute` None takes the throttle away, `external_addresses` empty lets any in.

    :raises Malformed: a name or address cannot be used. :raises Missing: no such tenant.
    """
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
        if tenant is None:
            raise Missing
        tenant.name = tenant.name if name is None else name
        tenant.time_zone = tenant.time_zone if time_zone is None else time_zone
        if callback_url is not None:
            tenant.callback_url = callback_url
        hosts = tenant.callback_hosts if callback_hosts is None else callback_hosts
        tenant.callback_hosts = []
        own = (urlsplit(tenant.callback_url).hostname,) if tenant.callback_url else ()
        _apply_callback(tenant, callback_url or None, [*hosts, *filter(None, own)])
        _apply_limits(tenant, callback_ack, external_addresses, requests_per_minute)
        try:
            tenant.full_clean(exclude=("callback_url", "callback_secret"))
        except ValidationError as exc:
            raise Malformed(fields=exc.message_dict) from None
        tenant.save()
    return tenant


def set_tenant_status(*, tenant_id: int, status: str) -> None:
    """Suspend a tenant, or let it in again; its keys follow within 30 seconds.

    :raises Rejected: it is so already.
    """
    rows = Tenant.objects.filter(pk=tenant_id, status__in=set(TenantStatus.values) - {status})
    if rows.update(status=status) != 1:
        raise Rejected(fields={"status": ["已经是此状态。"]})


def new_callback_secret() -> str:
    """A secret as Standard Webhooks 1.0.0 writes it: `whsec_` and the base64 of 32 bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _apply_callback(tenant: Tenant, url: str | None, hosts: Sequence[str]) -> None:
    wanted = [*tenant.callback_hosts, *hosts]
    if url is not None:
        wanted.append(callback_host(url))
        tenant.callback_url = url
    tenant.callback_hosts = clean_hosts(wanted)


def _apply_limits(
    tenant: Tenant,
    ack: str | None,
    addresses: Sequence[str] | None,
    requests: int | Unset | None,
) -> None:
    if ack is not None:
        if ack not in CallbackAck.values:
            raise Malformed(fields={"callback_ack": ["只能是 code 或 http。"]})
        tenant.callback_ack = ack
    if addresses is not None:
        tenant.external_addresses = clean_networks(addresses)
    if requests is not UNSET:
        if requests is not None and not 1 <= requests <= MOST_REQUESTS:
            said = f"请填写 1 到 {MOST_REQUESTS} 之间的整数；不限流请留空。"
            raise Malformed(fields={"requests_per_minute": [said]})
        tenant.requests_per_minute = requests
