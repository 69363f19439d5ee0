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
from config.kernel.text import as_json
from config.kernel.work import nudge
from logistics.carriers.cainiao import events
from logistics.models import CallbackRecord
from logistics.services.accounts import Account, enabled_accounts
from logistics.services.parked import CALLBACK_TASK

DOOR = "cainiao"
LONGEST_TEXT = 20_000


def receive_callback(*, pushed: events.Pushed, body: bytes, address: str, at: datetime) -> bool:
    """Store a callback that verifies; True even when this very one is stored already.

    False: no enabled account's secret made this digest; nothing is stored.
    """
    account = _sender(pushed)
    if account is None:
        log_unverified(
            door=DOOR,
            reason="digest",
            address=address,
            digest=hashlib.sha256(pushed.content).hexdigest(),
            at=at,
        )
        return False
    try:
        scan = events.read(pushed.content, account.profile, received_at=at)
    except events.Unreadable:
        scan = None
    record_once(
        CallbackRecord,
        at=at,
        callback_id=events.callback_id(pushed.content, scan),
        callback_type=(scan and scan.code) or None,
        cainiao_order_id=(scan and scan.carrier_order_id) or None,
        order_no=(scan and scan.order_no) or None,
        account_id=account.number,
        raw_body=body,
        raw_data=mask_fields(as_json(decode(pushed.content), LONGEST_TEXT)),
    )
    nudge(CALLBACK_TASK)
    return True


def _sender(pushed: events.Pushed) -> Account | None:
    for account in enabled_accounts():
        profile = account.profile
        secret = profile.callback_secret or profile.app_secret
        if events.verify(pushed.content, pushed.digest, [secret]):
            return account
    return None
