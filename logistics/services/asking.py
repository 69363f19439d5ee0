"""A person asks the carrier something now; the answer is for their eyes, no order is touched.

Every call is logged, and made outside of transactions.
"""

from __future__ import annotations

from typing import TypeVar

from config.kernel.errors import Unavailable
from config.kernel.http import Outcome
from logistics.carriers.base import Branch, Place, Reply
from logistics.errors import CarrierRefused
from logistics.services.accounts import Account, account_for, carrier_of
from logistics.services.calls import flag_account, log_calls, reply_text

Value = TypeVar("Value")


def parse_text(*, text: str) -> Place:
    """The levels of an address as the live account's address library reads them.

    :raises CarrierRefused: it cannot be read, or the account's keys are refused.
    :raises Unavailable: no usable answer; ask again. :raises AccountMissing: no live account.
    """
    account = account_for(is_test=False)
    return _value(account, carrier_of(account).parse_address(text))


def find_branches(*, cp_code: str, province: str, city: str, district: str) -> tuple[Branch, ...]:
    """The carrier's branches that serve a sender there; empty where there are none.

    :raises CarrierRefused: no such carrier or place, or the account's keys are refused.
    :raises Unavailable: no usable answer; ask again. :raises AccountMissing: no live account.
    """
    account = account_for(is_test=False)
    place = Place(province=province, city=city, district=district)
    return _value(account, carrier_of(account).find_branch(cp_code, place))


def _value(account: Account, reply: Reply[Value]) -> Value:
    log_calls(reply.calls)
    if reply.outcome == Outcome.DONE and reply.value is not None:
        return reply.value
    if reply.error_type == "auth" and account.pk is not None:
        flag_account(account.pk, reply)
    if reply.error_type == "auth":
        raise CarrierRefused(reason=f"{reply_text(reply)}（请核对菜鸟账号的密钥与签名方式）")
    if reply.outcome == Outcome.REFUSED:
        raise CarrierRefused(reason=reply_text(reply))
    raise Unavailable
