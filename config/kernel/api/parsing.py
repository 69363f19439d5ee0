"""What is not plain JSON that every layer below can hold is refused at the door.

Python's parser takes NaN, Infinity, 1e999, lone surrogates and NUL; databases and other
languages do not, and would fail late.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.parsers import BaseParser

from config.kernel.errors import Malformed, UnsupportedMedia
from config.kernel.text import unstorable

MAX_DEPTH = 20


def loads(raw: bytes) -> Any:
    """Parse strict UTF-8 JSON or raise `Malformed` saying what is wrong with it."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong("请求体不是有效的 UTF-8 文本。") from None
    try:
        value = _decoder.decode(text)
    except (json.JSONDecodeError, RecursionError):
        raise _wrong("请求体不是有效的 JSON。") from None
    except ValueError:  # an integer of thousands of digits
        raise _wrong("数字过长。") from None
    # Without an escape there is neither NUL nor half a character, without brackets no depth.
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _check(value, "", 0)
    return value


def _wrong(text: str, field: str = "body") -> Malformed:
    return Malformed(fields={field: [text]})


def _no_constant(name: str) -> NoReturn:
    raise _wrong(f"不接受 {name}，请使用有限数字。")


class _Decimalish(float):
    """A float that remembers how it was written, so that decimals are read exactly."""

    text: str

    def __str__(self) -> str:
        return self.text


def _finite(text: str) -> float:
    value = _Decimalish(text)
    if not math.isfinite(value):
        raise _wrong("数字超出范围。")
    value.text = text
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise _wrong("JSON 中有重复的字段。")
    return out


_decoder = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_unique
)


def _check(value: Any, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _wrong("JSON 嵌套过深。")
    if isinstance(value, str):
        if unstorable(value):
            raise _wrong("含有不允许的字符（NUL 或不完整的 Unicode）。", path or "body")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if unstorable(key):
                raise _wrong("字段名含有不允许的字符。")
            _check(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check(inner, f"{path}.{index}" if path else str(index), depth + 1)


class StrictJSONParser(BaseParser):
    """DRF's way to `loads`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body."""
        if media_type and "charset=" in media_type.lower():
            charset = media_type.lower().split("charset=")[1].split(";")[0].strip(' "')
            if charset not in {"utf-8", "utf8"}:
                raise UnsupportedMedia
        return loads(stream.read())
