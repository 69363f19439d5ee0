"""A code is compared in constant time and cannot be tried out; a photo is kept once, encrypted."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from accounts.services.security import count_one, uncount_one
from config.kernel.errors import Throttled
from delivery.errors import PhotoUnusable, WrongCode
from delivery.models import DeliveryProof

LARGEST_PHOTO_KB = 512
WRONG_CODES, WINDOW_SECONDS = 10, 300
_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@contextmanager
def code_try(order_id: int, kind: str) -> Iterator[None]:
    """Around a look at a code of this `kind` (pickup, delivery).

    Counted before it, and forgotten unless the code was wrong.

    :raises Throttled: ten were wrong for this order within five minutes.
    """
    key = f"delivery:{kind}:{order_id}"
    if count_one(key, WINDOW_SECONDS) > WRONG_CODES:
        uncount_one(key)
        raise Throttled(retry_after=WINDOW_SECONDS)
    wrong = False
    try:
        yield
    except WrongCode:
        wrong = True
        raise
    finally:
        if not wrong:
            uncount_one(key)


def check_code(expected: str, given: str, *, what: str) -> None:
    """Raise `WrongCode` unless they are the same."""
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise WrongCode(what=what)


def check_photo(photo: bytes) -> str:
    """The content type of what its first bytes say it is.

    :raises PhotoUnusable: no JPEG or PNG, or larger than 512 KB.
    """
    if len(photo) <= LARGEST_PHOTO_KB * 1024:
        for magic, kind in _KINDS.items():
            if photo.startswith(magic):
                return kind
    raise PhotoUnusable(limit_kb=LARGEST_PHOTO_KB)


def keep_photo(order_id: int, photo: bytes, content_type: str, *, at: datetime) -> None:
    """Keep the first photo of an order; under the order's lock."""
    DeliveryProof.objects.get_or_create(
        order_id=order_id,
        defaults={"content": photo, "content_type": content_type, "created_at": at},
    )
