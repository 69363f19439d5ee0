"""Texts in which nothing stands that nobody sees: what looks the same is the same."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.fields import empty

from config.kernel.api.serializers import StrictCharField
from config.kernel.text import NO_IDENTIFIER, NO_LINE, NO_LINES, NO_PROSE


class SeenCharField(StrictCharField):
    """A text that people see whole: nothing in it of what `refused` finds."""

    refused: ClassVar[re.Pattern[str]] = NO_PROSE
    blank: ClassVar[str] = "不能含有换行符或制表符。"

    def is_plain(self, text: str) -> bool:
        """What is printable has nothing in it that any of these refuse, but for a space."""
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


class LineField(SeenCharField):
    """A name, or a place's: one line, nothing invisible; emoji may be joined."""

    refused = NO_LINE


class AddressField(SeenCharField):
    """An address: nothing invisible, but people write it in lines."""

    refused = NO_LINES


class IdentifierField(SeenCharField):
    """A code or number without white space (engines compare it differently); blank is none."""

    refused = NO_IDENTIFIER
    blank = "不能含有空白字符。"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def is_plain(self, text: str) -> bool:
        """Without a space, which is printable."""
        return " " not in text and super().is_plain(text)

    def run_validation(self, data: Any = empty) -> Any:
        """An empty text is None where there may be none."""
        value = super().run_validation(data)
        return (value or None) if self.allow_null else value


def optional_line(length: int) -> LineField:
    """A name that may be left out, null or blank."""
    return LineField(max_length=length, required=False, allow_blank=True, allow_null=True)


def optional_address(length: int) -> AddressField:
    """An address that may be left out, null or blank."""
    return AddressField(max_length=length, required=False, allow_blank=True, allow_null=True)


def optional_prose(length: int) -> SeenCharField:
    """A remark of any lines, that may be left out, null or blank."""
    return SeenCharField(max_length=length, required=False, allow_blank=True, allow_null=True)


def optional_identifier(length: int) -> IdentifierField:
    """An identifier that may be left out, null or blank."""
    return IdentifierField(max_length=length, required=False, allow_blank=True, allow_null=True)
