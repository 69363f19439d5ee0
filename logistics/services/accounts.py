"""Which account carries an order, and the client that speaks for it.

Test orders without a test account of our own go to the sandbox's built-in one. A change of an
account takes effect within 30 seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from accounts.states import Mode
from config.kernel.keeping import Kept
from logistics.carriers.base import Carrier
from logistics.carriers.cainiao.client import CainiaoClient
from logistics.carriers.cainiao.profile import ENDPOINT, KNOWN_HOSTS, Profile
from logistics.errors import AccountMissing
from logistics.models import CainiaoAccount
from logistics.states import SwitchStatus

log = logging.getLogger(__name__)
BUILT_IN = 0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CACHE_SECONDS = 30
# An operator who has just changed accounts books with the new ones.
CHOICE_SECONDS = 2
DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Account:
    """An account as orders refer to it; `pk` None is the sandbox's built-in one."""

    pk: int | None
    profile: Profile

    @property
    def number(self) -> int:
        """What callback records keep of it."""
        return self.pk or BUILT_IN


_accounts: Kept[Account | None] = Kept(CACHE_SECONDS)
_chosen: Kept[Account | None] = Kept(CHOICE_SECONDS)
_senders: Kept[list[Account]] = Kept(CHOICE_SECONDS)
_clients: dict[int, tuple[Profile, Carrier]] = {}


def account_for(*, is_test: bool) -> Account:
    """The enabled account for live or for test orders, at most 2 s stale.

    :raises AccountMissing: no live account is enabled.
    """
    account = _chosen.get(is_test, lambda: _read_choice(is_test=is_test))
    if account is None:
        raise AccountMissing
    return account


def _read_choice(*, is_test: bool) -> Account | None:
    mode = Mode.TEST if is_test else Mode.LIVE
    row = CainiaoAccount.objects.filter(mode=mode, status=SwitchStatus.ENABLED).first()
    account = _usable(row)
    if account is not None:
        return account
    return _built_in_if_allowed() if is_test and row is None else None


def built_in_account() -> Account:
    """The account every sandbox knows; its secret is derived from ours."""
    secret = hmac.new(settings.SECRET_KEY.encode(), b"sandbox/cainiao", hashlib.sha256)
    return Account(
        None,
        Profile.from_account(
            app_key="tonglu-sandbox",
            app_secret=secret.hexdigest(),
            endpoint_url=f"{settings.SANDBOX_URL}/cainiao/gateway/link.do",
        ),
    )


def _built_in_if_allowed() -> Account | None:
    account = built_in_account()
    try:
        check_endpoint(account.profile.endpoint_url)
    except ValueError:
        return None
    return account


def enabled_accounts(*, afresh: bool = False) -> list[Account]:
    """Every account a callback may come from, at most 2 s stale, or read `afresh`."""
    if afresh:
        return _read_enabled()
    return _senders.get("all", _read_enabled)


def _read_enabled() -> list[Account]:
    rows = CainiaoAccount.objects.filter(status=SwitchStatus.ENABLED)
    usable = [account for row in rows if (account := _usable(row)) is not None]
    built_in = _built_in_if_allowed()
    return [*usable, built_in] if built_in is not None else usable


def account_by_pk(pk: int | None) -> Account | None:
    """The account an order was booked with, at most 30 s stale; None while it is disabled."""
    if not pk:
        return _built_in_if_allowed()
    enabled = CainiaoAccount.objects.filter(pk=pk, status=SwitchStatus.ENABLED)
    return _accounts.get(pk, lambda: _usable(enabled.first()))


def carrier_of(account: Account) -> Carrier:
    """The client of an account; one per process, so its connections are pooled."""
    hit = _clients.get(account.number)
    if hit and hit[0] == account.profile:
        return hit[1]
    client = CainiaoClient(account.profile, deadline=DEADLINE_SECONDS)
    _clients[account.number] = (account.profile, client)
    return client


def forget_cached_accounts() -> None:
    """Read every account from the database again."""
    for kept in (_accounts, _chosen, _senders):
        kept.forget()
    _clients.clear()


def check_endpoint(url: str) -> None:
    """Carriers' keys go to carriers alone: known Cainiao hosts, or the sandbox's.

    :raises ValueError: another host, or loopback where `OUTBOUND_ALLOW_LOOPBACK` is off.
    """
    host = (urlsplit(url).hostname or "").lower()
    if host in LOOPBACK:
        if not settings.OUTBOUND_ALLOW_LOOPBACK:
            raise ValueError("接入点是本机地址，而 OUTBOUND_ALLOW_LOOPBACK 未开启。")
        return
    if host not in KNOWN_HOSTS and host != urlsplit(settings.SANDBOX_URL).hostname:
        raise ValueError(f"接入点主机 {host} 不是已知的菜鸟网关或沙箱。")


def _usable(row: CainiaoAccount | None) -> Account | None:
    """The row as an account; None when its columns cannot be one, which forms refuse before."""
    if row is None:
        return None
    try:
        check_endpoint(row.endpoint_url or ENDPOINT)
        return Account(row.pk, profile_of(row))
    except ValueError as exc:
        log.warning("Cainiao account %s cannot be used: %s", row.pk, exc)
        return None


def profile_of(row: CainiaoAccount) -> Profile:
    """What the row's columns say.

    :raises ValueError: a column that cannot be used, by name.
    """
    return Profile.from_account(
        app_key=row.app_key,
        app_secret=row.app_secret,
        callback_secret=row.callback_secret,
        endpoint_url=row.endpoint_url or "",
        sign_method=row.sign_method or "link",
        provider_id=row.provider_id,
        waybill_at_order=row.waybill_at_order,
        message_names=row.message_names,
        question_fields=row.question_fields,
        answer_fields=row.answer_fields,
        status_map=row.status_map,
        retry_codes=row.retry_codes,
        not_found_codes=row.not_found_codes,
    )
