"""One way out per gateway, shared by all accounts and threads of the process.

Accounts are read anew every 30 seconds; their connections must not be made anew with them.
"""

from __future__ import annotations

import threading
from typing import Final
from urllib.parse import urlsplit

from config.kernel.http import Partner

#: The whole call, connecting included (CONTRACT section 4 promises an answer within 10 s).
DEADLINE_S: Final = 10.0

_lock = threading.Lock()
_partners: dict[str, Partner] = {}


def partner_at(url: str) -> Partner:
    """The partner that serves `url`; all URLs of one scheme, host and port share it."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    with _lock:
        if origin not in _partners:
            _partners[origin] = Partner("cainiao", deadline=DEADLINE_S)
        return _partners[origin]
