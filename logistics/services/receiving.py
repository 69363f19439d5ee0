"""A carrier's callback is verified on its bytes and stored before anything is made of it.

What does not verify is never a record (it could pre-empt the true one); it leaves a throttled
line in the security log.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from accounts.services.security import log_unverified
from config.kernel.callbacks import decode, record_once
from config.kernel.masking import mask_fields
from config.kernel.text import as_json, storable
from config.kernel.work import nudge
from logistics.carriers.base import Scan
from logistics.carriers.cainiao import events
from logistics.models import CallbackRecord, ExpressOrder
from logistics.services.accounts import Account, enabled_accounts
from logistics.services.parked import CALLBACK_TASK

DOOR = "cainiao"
LONGEST_TEXT = 20_000


def receive_callback(*, pushed: events.Pushed, body: bytes, address: str, at: datetime) -> bool:
    """Store a callback that verifies; True even when this very one is stored already.

    False: no enabled account's secret made this digest; nothing is stored.
    """
    # One that nobody seems to have sent may come from an account changed this moment.
    accounts = _senders(pushed, enabled_accounts()) or _senders(
        pushed, enabled_accounts(afresh=True)
    )
    if not accounts:
        log_unverified(
            door=DOOR,
            reason="digest",
            address=address,
            digest=hashlib.sha256(pushed.content).hexdigest(),
            at=at,
        )
        return False
    try:
        scan = events.read(pushed.content, accounts[0].profile, received_at=at)
    except events.Unreadable:
        scan = None
    account = _owner(accounts, scan)
    record_once(
        CallbackRecord,
        at=at,
        callback_id=events.callback_id(pushed.content, scan),
        callback_type=(scan and scan.code) or None,
        cainiao_order_id=(scan and scan.carrier_order_id) or None,
        order_no=(scan and scan.order_no) or None,
        account_id=account.number,
        raw_body=body,
        # Masking unpacks texts that are JSON: what a database refuses may come to light only then.
        raw_data=storable(mask_fields(as_json(decode(pushed.content), LONGEST_TEXT))),
    )
    nudge(CALLBACK_TASK)
    return True


def _senders(pushed: events.Pushed, enabled: list[Account]) -> list[Account]:
    """The accounts whose secret made this digest; more than one where they share it."""
    return [
        account
        for account in enabled
        if events.verify(
            pushed.content,
            pushed.digest,
            [account.profile.callback_secret or account.profile.app_secret],
        )
    ]


def _owner(accounts: list[Account], scan: Scan | None) -> Account:
    """Of accounts that share a secret, the one whose order this is about."""
    if len(accounts) == 1 or scan is None:
        return accounts[0]
    numbers = {"order_no": scan.order_no, "cainiao_order_id": scan.carrier_order_id}
    for column, number in numbers.items():
        if not number:
            continue  # an absent number would find every order that has none
        found = ExpressOrder.objects.filter(**{column: number}).values_list("account_id", flat=True)
        owners = set(found)
        for account in accounts:
            if account.pk in owners:
                return account
    return accounts[0]
