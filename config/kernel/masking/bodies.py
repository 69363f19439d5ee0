"""A message's body as a call log may keep it: JSON if it was JSON or a form, else masked text."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

from config.kernel.masking.fields import mask_fields
from config.kernel.masking.text import Extra, mask_text

_FORM = re.compile(r"[\w.\[\]%+-]{1,100}=[^\s<>{}\"]*")
# JSON escapes are longer than the text they stand for; this is enough for any call log column.
_LONGEST = 262_144


def mask_body(body: bytes, *, content_type: str = "", extra: Extra = frozenset()) -> str:
    """The masked text of `body`; a form becomes a JSON object of its fields. Never raises."""
    if not body:
        return ""
    text = decoded(body)
    if text is None:
        return f"<{len(body)} bytes of {content_type.partition(';')[0] or 'no text'}>"
    if len(text) > _LONGEST:
        return mask_text(text[:_LONGEST], extra=extra)
    if text.lstrip()[:1] in ("{", "["):
        return str(mask_fields(text, extra=extra))
    if "x-www-form-urlencoded" in content_type.lower() or _FORM.fullmatch(text):
        fields = _form(body)
        if fields:
            return json.dumps(mask_fields(fields, extra=extra), ensure_ascii=False)
    return mask_text(text, extra=extra)


def decoded(body: bytes) -> str | None:
    """The text in UTF-8 or, as some carriers still write, GB18030; None if it is neither."""
    if b"\x00" in body:
        return None
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(charset)
        except UnicodeDecodeError:
            continue
    return None


def _form(body: bytes) -> dict[str, str | list[str]]:
    """The fields of a form, whatever charset their bytes are in; repeated ones as a list."""
    fields: dict[str, str | list[str]] = {}
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    for key, value in ((_text(key), _text(value)) for key, value in pairs):
        held = fields.get(key)
        if held is None:
            fields[key] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            fields[key] = [held, value]
    return fields


def _text(latin: str) -> str:
    raw = latin.encode("latin-1")
    return decoded(raw) or raw.decode("utf-8", "replace")
