"""What the outside tells us is verified on its bytes, recorded once, then handled, replayable."""

from __future__ import annotations

from config.kernel.callbacks.bodies import NotAForm, decode, form_fields, read_body
from config.kernel.callbacks.records import CallbackRow, record_once, replay

__all__ = [
    "CallbackRow",
    "NotAForm",
    "decode",
    "form_fields",
    "read_body",
    "record_once",
    "replay",
]
