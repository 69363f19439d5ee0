"""A callback's body is read as bytes; text is made of it only after its digest held.

Django's `request.POST` answers 400 to a declared GBK and garbles an undeclared one, so forms are
parsed here: every byte of a value survives.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from config.kernel.errors import BodyTooLarge

MAX_BODY = 256 * 1024
MAX_FIELDS = 50


class NotAForm(ValueError):
    """Not a urlencoded form with each field once."""


def read_body(request: HttpRequest) -> bytes:
    """The raw body.

    :raises BodyTooLarge: over 256 KB, said or sent.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY:
        raise BodyTooLarge(limit_kb=MAX_BODY // 1024)
    try:
        return request.body
    except RequestDataTooBig:
        raise BodyTooLarge(limit_kb=MAX_BODY // 1024) from None


def form_fields(body: bytes) -> dict[str, bytes]:
    """The form's fields, values as the bytes that were sent.

    :raises NotAForm: broken, or a field given twice (which of the two was signed?).
    """
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="latin-1",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as exc:
        raise NotAForm(str(exc)) from None
    fields = {name: value.encode("latin-1") for name, value in pairs}
    if len(fields) != len(pairs):
        msg = "a field came twice"
        raise NotAForm(msg)
    return fields


def decode(raw: bytes) -> str:
    """Text of verified bytes: UTF-8, else GBK, else UTF-8 with the broken bytes marked."""
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
