"""What an operator may do to an account: its settings, its switch, a test of its connection.

There is one account a mode, kept so by the database. Settings no call could be made with are
refused by name; a secret that is not given is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from config.kernel.errors import Malformed, Missing
from config.kernel.text import clip
from config.kernel.work.claims import again_if_deadlocked
from logistics.carriers.base import Reply
from logistics.carriers.cainiao.overrides import BadAccount
from logistics.carriers.cainiao.profile import ENDPOINT
from logistics.models import CainiaoAccount
from logistics.services.accounts import (
    Account,
    carrier_of,
    check_endpoint,
    forget_cached_accounts,
    profile_of,
)
from logistics.services.calls import log_calls, reply_text
from logistics.states import SwitchStatus

SECRETS = ("app_secret", "callback_secret")
SETTINGS = (
    "app_key", *SECRETS, "endpoint_url", "sign_method", "callback_url", "status", "provider_id",
    "waybill_at_order", "message_names", "question_fields", "answer_fields", "status_map",
    "retry_codes", "not_found_codes",
)  # fmt: skip
# What a test of the connection was a test of.
PROVEN = ("app_key", "app_secret", "endpoint_url", "sign_method", "provider_id", "message_names")
# Any address will do: that the gateway understood who asks is what is tried.
TEST_ADDRESS = "浙江省杭州市余杭区文一西路969号"
LONGEST_ERROR = 500
# Where what the gateway said does not tell what to do about it.
ADVICE = {
    "auth": "{said}（请核对 AppKey、AppSecret 与签名方式）",
    "network": "未收到网关的答复，请核对接入点地址与网络后重试（{said}）",
    "system": "网关的答复无法使用，请核对接入点地址，或稍后重试（{said}）",
}
TRIES = 3


def save_account(
    *, mode: str, values: Mapping[str, Any], by: int | None, only_new: bool = False
) -> CainiaoAccount:
    """Create the account of `mode`, or change what is given of it; an empty secret is kept.

    What was tested counts no longer once the keys or the address are others. With `only_new` an
    account that is there is refused.

    :raises Malformed: naming the columns no call could be made with, or `mode`: it is there.
    """
    given = {name: value for name, value in values.items() if name in SETTINGS}
    for attempt in range(1, TRIES + 1):
        try:
            account = again_if_deadlocked(lambda: _save(mode, given, by, only_new))
            break
        except IntegrityError:  # somebody created it at this moment
            if attempt == TRIES:
                raise
    _forget()
    return account


def _save(
    mode: str,
    given: dict[str, Any],
    by: int | None,
    only_new: bool,  # noqa: FBT001 - a private helper's
) -> CainiaoAccount:
    with transaction.atomic():
        account = CainiaoAccount.objects.select_for_update().filter(mode=mode).first()
        if only_new and account is not None:
            raise Malformed(fields={"mode": ["该模式已有账号，请修改已有的账号。"]})
        if account is None:
            account = CainiaoAccount(mode=mode, app_key="", app_secret="", created_by=by)
        proven = [getattr(account, name) for name in PROVEN]
        _require_urls(account, given)
        for name, value in given.items():
            if value or name not in SECRETS:
                setattr(account, name, _or_default(name, value))
        if proven != [getattr(account, name) for name in PROVEN]:
            account.test_passed, account.last_test_at, account.test_error = False, None, None
        account.updated_by = by
        _require_usable(account)
        account.save()
    return account


def _or_default(name: str, value: Any) -> Any:
    """What an empty setting stands for."""
    if value not in (None, ""):
        return value
    field: Any = CainiaoAccount._meta.get_field(name)
    return field.get_default()


def _require_urls(account: CainiaoAccount, given: Mapping[str, Any]) -> None:
    """Look at the addresses that change: whatever stands there must not block other settings."""
    wrong = {
        name: ["应为 http 或 https 地址，不能含有空白、用户名或密码。"]
        for name in ("endpoint_url", "callback_url")
        if given.get(name) and given[name] != getattr(account, name) and not _is_url(given[name])
    }
    if wrong:
        raise Malformed(fields=wrong)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = all(character.isprintable() and not character.isspace() for character in text)
    return known and plain and "@" not in parts.netloc and not parts.fragment


def _require_usable(account: CainiaoAccount) -> None:
    empty = [name for name in ("app_key", "app_secret") if not getattr(account, name)]
    if empty:
        raise Malformed(fields={name: ["不能为空。"] for name in empty})
    if account.status not in SwitchStatus.values:
        raise Malformed(fields={"status": [f"只能是 {'、'.join(SwitchStatus.values)}。"]})
    try:
        check_endpoint(account.endpoint_url or ENDPOINT)
    except ValueError as exc:
        raise Malformed(fields={"endpoint_url": [str(exc)]}) from None
    try:
        profile_of(account)
    except BadAccount as exc:
        column, _, part = exc.column.partition(":")
        where = f"{part.strip()}: " if part else ""
        raise Malformed(fields={column: [f"无法使用：{where}{exc.problem}"]}) from None


def test_account(*, account_id: int, at: datetime) -> CainiaoAccount:
    """Ask the address library one question and keep what became of it on the account.

    A business refusal passes: whoever refuses has understood who asks. A disabled account may be
    tried. Nothing the gateway does raises; call it outside of transactions.

    :raises Missing: there is no such account.
    """
    account = CainiaoAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise Missing
    error = _try_out(account)
    # Changed meanwhile, it is another account than the one that was tried.
    tried = CainiaoAccount.objects.filter(pk=account_id, updated_at=account.updated_at)
    tried.update(test_passed=error is None, last_test_at=at, test_error=error)
    account.refresh_from_db()
    return account


def _try_out(account: CainiaoAccount) -> str | None:
    try:
        check_endpoint(account.endpoint_url or ENDPOINT)
        carrier = carrier_of(Account(account.pk, profile_of(account)))
    except ValueError as exc:
        return clip(exc, LONGEST_ERROR)
    reply = carrier.parse_address(TEST_ADDRESS)
    log_calls(reply.calls)
    # Whoever refuses for business reasons has understood who asks.
    passed = reply.value is not None or reply.error_type == "business"
    return None if passed else _what_to_do(reply)


def _what_to_do(reply: Reply[Any]) -> str:
    said = reply_text(reply)
    return clip(ADVICE.get(reply.error_type or "", "{said}").format(said=said), LONGEST_ERROR)


def set_account_status(*, account_id: int, status: str, at: datetime) -> CainiaoAccount:
    """Switch an account on or off; off, its orders wait.

    :raises Malformed: no such status. :raises Missing: no such account.
    """
    if status not in SwitchStatus.values:
        raise Malformed(fields={"status": [f"只能是 {'、'.join(SwitchStatus.values)}。"]})
    row = CainiaoAccount.objects.filter(pk=account_id)
    if not row.update(status=status, updated_at=at):
        raise Missing
    _forget()
    return row.get()


def _forget() -> None:
    """This process sees the change at once; the others within 30 seconds."""
    forget_cached_accounts()
    transaction.on_commit(forget_cached_accounts)
