"""Nothing leaves through `logging` unmasked: message, arguments, exception and stack."""

from __future__ import annotations

import logging
from typing import Any

from config.kernel.masking.fields import mask_fields
from config.kernel.masking.text import mask_text
from config.kernel.masking.values import HIDDEN

_UNPRINTABLE = "(a log record that could not be formatted)"
_CONTAINERS = (dict, list, tuple, set)


class MaskingFilter(logging.Filter):
    """Put it on every handler: on a logger it would miss what children log.

    The record is masked in place, so a second handler sees it masked too. The exception is
    formatted here and `exc_info` dropped, because some handlers format it themselves.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask `record`; always lets it pass, never raises."""
        record.msg, record.args = _message(record), None
        try:
            if record.exc_info:
                record.exc_text = record.exc_text or logging.Formatter().formatException(
                    record.exc_info
                )
        except Exception:  # noqa: BLE001 - an exception whose __str__ raises
            record.exc_text = _UNPRINTABLE
        record.exc_info = None
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_text(str(record.stack_info))
        return True


def _message(record: logging.LogRecord) -> str:
    """The message with containers masked by their keys first, then all of it as text."""
    try:
        args: Any = record.args
        if isinstance(args, dict):
            args = {key: _argument(value, key) for key, value in args.items()}
        elif args:
            args = tuple(_argument(value) for value in args)
        message = record.msg if not isinstance(record.msg, _CONTAINERS) else _argument(record.msg)
        text = str(message)
        return mask_text(text % args if args else text)
    except Exception:  # noqa: BLE001 - a wrong format string must not cost the caller its work
        return _fallback(record)


def _argument(value: Any, key: Any = "") -> Any:
    if key:
        return mask_fields({key: value}).get(key, HIDDEN)
    return mask_fields(value) if isinstance(value, _CONTAINERS) else value


def _fallback(record: logging.LogRecord) -> str:
    """The bare format string tells where to look; its arguments are lost."""
    try:
        return mask_text(f"{_UNPRINTABLE}: {record.msg!s}")
    except Exception:  # noqa: BLE001 - the last resort
        return _UNPRINTABLE
