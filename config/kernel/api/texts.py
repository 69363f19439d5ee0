"""Texts in which nothing stands that nobody sees: what looks the same is the same.

People paste what their telephones copied, and do not see what came along: it is taken out. A
program's identifiers are refused with it, since another text would be another order.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.fields import empty

from config.kernel.api.serializers import StrictCharField
from config.kernel.text import NO_IDENTIFIER, NO_LINE, NO_PROSE, seen


class VisibleField(StrictCharField):
    """A text of which all is seen; nothing in it of what `refused` finds."""

    refused: ClassVar[re.Pattern[str]] = NO_PROSE
    blank: ClassVar[str] = "不能含有换行符或制表符。"

    def is_plain(self, text: str) -> bool:
        """What is printable has no control character in it."""
        return super().is_plain(text)

    def to_internal_value(self, data: Any) -> str:
        """Refuse a character that nobody sees, and say where it stands."""
        value = super().to_internal_value(data)
        if found := self.refused.search(value):
            raise serializers.ValidationError(self._told(found))
        return value

    def _told(self, found: re.Match[str]) -> str:
        if found[0].isspace():
            return self.blank
        place = f"第 {found.start() + 1} 个字符（U+{ord(found[0]):04X}）"
        return f"{place}是看不见的控制字符或格式字符，请删除后重试。"


class ProseField(VisibleField):
    """What people write, in lines if they like: an address, a remark."""

    def run_validation(self, data: Any = empty) -> Any:
        """Without what came along unseen."""
        return super().run_validation(seen(data) if isinstance(data, str) else data)


class LineField(ProseField):
    """The same on one line: a name, or a place's."""

    refused = NO_LINE


class IdentifierField(VisibleField):
    """A code or number without white space (engines compare it differently); blank is none."""

    refused = NO_IDENTIFIER
    blank = "不能含有空白字符。"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def is_plain(self, text: str) -> bool:
        """In ASCII and without a space: other printable characters are not all seen."""
        return text.isascii() and " " not in text and super().is_plain(text)

    def run_validation(self, data: Any = empty) -> Any:
        """An empty text is None where there may be none."""
        value = super().run_validation(data)
        return (value or None) if self.allow_null else value


def optional_line(length: int) -> LineField:
    """A name that may be left out, null or blank."""
    return LineField(max_length=length, required=False, allow_blank=True, allow_null=True)


def optional_prose(length: int) -> ProseField:
    """An address or a remark that may be left out, null or blank."""
    return ProseField(max_length=length, required=False, allow_blank=True, allow_null=True)


def optional_identifier(length: int) -> IdentifierField:
    """An identifier that may be left out, null or blank."""
    return IdentifierField(max_length=length, required=False, allow_blank=True, allow_null=True)
