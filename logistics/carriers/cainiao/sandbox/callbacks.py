"""A callback is LINK's own envelope turned round: a form whose content alone is signed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from logistics.carriers.cainiao.sandbox import notation
from logistics.carriers.cainiao.sandbox.accounts import Account
from logistics.carriers.cainiao.sandbox.signatures import link_digest
from logistics.carriers.cainiao.sandbox.statuses import UNMAPPED

MESSAGE = "TMS_UPDATE_ORDER_CALLBACK"
FROM_CODE = "CNCTP"
FAULTS = frozenset({"wrong_signature", "gbk", "unknown_status"})

Keep = Callable[[Mapping[str, object]], None]


class Callback:
    """One message to an account's callback address, with every attempt to bring it there."""

    system = "cainiao"

    def __init__(
        self,
        account: Account,
        content: Mapping[str, object],
        *,
        key: str,
        retry_after: Sequence[float],
        keep: Callable[[Callback, Mapping[str, object]], None],
    ) -> None:
        """`keep` is told of each attempt; it takes the book's lock, so call it without."""
        self.url = account.callback_url
        self.key = key
        self.retry_after = retry_after
        self.message_id = str(uuid.uuid4())
        self.content = dict(content)
        self.attempts: list[Mapping[str, object]] = []
        self._partner = account.app_key
        self._secret = account.signing_secret
        self._keep = keep
        self.fields: dict[str, str] = {
            "app_key": account.app_key,
            **{
                name: str(self.content[name])
                for name in ("tradeOrderNo", "orderCode", "mailNo", "status")
                if name in self.content
            },
        }

    def compose(self, fault: str) -> tuple[bytes, Mapping[str, str]]:
        """Return the form and its headers, spoiled where a fault asks for it."""
        content = (
            {**self.content, "status": UNMAPPED} if fault == "unknown_status" else self.content
        )
        charset = "GBK" if fault == "gbk" else "UTF-8"
        signed = json.dumps(content, ensure_ascii=False).encode(charset, "replace")
        secret = f"not-{self._secret}" if fault == "wrong_signature" else self._secret
        body = urlencode(
            {
                "logistics_interface": signed,
                "data_digest": link_digest(signed, secret),
                "msg_type": MESSAGE,
                "msg_id": self.message_id,
                "from_code": FROM_CODE,
                "partner_code": self._partner,
            }
        )
        content_type = f"application/x-www-form-urlencoded; charset={charset}"
        return body.encode("ascii"), {"Content-Type": content_type, "User-Agent": "PAC/1.0"}

    def acknowledged(self, status: int, body: bytes) -> bool:
        """Only HTTP 200 with `success` true, in JSON or XML, means that it arrived."""
        if status != 200:
            return False
        try:
            success = notation.read(body).get("success")
        except ValueError:
            return False
        return success is True or success == "true"

    def record(self, attempt: Mapping[str, object]) -> None:
        """Keep what became of one attempt."""
        self._keep(self, attempt)

    def row(self) -> dict[str, object]:
        """Return what control shows."""
        return {
            "msg_id": self.message_id,
            "content": self.content,
            "status": self.content.get("status"),
            "acknowledged": any(attempt["acknowledged"] for attempt in self.attempts),
            "attempts": list(self.attempts),
        }
