"""Kinds of input that only deliveries have: yuan, coordinates, goods as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from config.kernel.api.parsing import loads
from config.kernel.api.serializers import StrictDecimalField
from config.kernel.errors import Malformed

MOST_GOODS_BYTES = 20_000
LARGEST_YUAN = Decimal("99999999.99")
_CENT, _PLACES = Decimal("0.01"), Decimal("1e-7")
_CENTS = re.compile(r"[0-9]+\.[0-9]{1,2}")
# What a program makes of 0.1 + 0.2; nobody means an amount by it.
_NOISE = Decimal("1e-6")
_NUMBER = {"type": "number"}
_WRITTEN = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}


class _BlankIsNone(StrictDecimalField):
    """Clients write null or an empty text where they have none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def run_validation(self, data: Any = empty) -> Any:
        """Read an empty text as null."""
        return super().run_validation(_none_if_blank(data))


class OptionalTimeField(serializers.DateTimeField):
    """A moment; null or an empty text where there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def run_validation(self, data: Any = empty) -> Any:
        """Read an empty text as null."""
        return super().run_validation(_none_if_blank(data))


def _none_if_blank(data: Any) -> Any:
    return None if isinstance(data, str) and not data.strip() else data


@extend_schema_field({"oneOf": [{**_NUMBER, "minimum": 0}, _WRITTEN, {"type": "null"}]})
class YuanField(_BlankIsNone):
    """Yuan with at most two places, kept exactly; from 0 to 99,999,999.99.

    0.30000000000000004 as a JSON number is what JavaScript makes of 0.1 + 0.2: it is 0.30.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_digits=10, decimal_places=2, min_value=Decimal(0), max_value=LARGEST_YUAN, **options
        )

    def to_internal_value(self, data: Any) -> Any:
        """Take the noise off a computed number, then read it strictly."""
        if isinstance(data, float) and not _CENTS.fullmatch(str(data)):
            data = _without_noise(data)
        return super().to_internal_value(data)


def _without_noise(number: float) -> Any:
    written = Decimal(str(number))
    if abs(written) > LARGEST_YUAN:
        return number
    cents = written.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return str(cents) if abs(written - cents) < _NOISE else number


@extend_schema_field({"oneOf": [_NUMBER, _WRITTEN, {"type": "null"}]})
class CoordinateField(_BlankIsNone):
    """Degrees, to seven places: a centimetre. What is finer is rounded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=40, decimal_places=None, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what is no angle."""
        value = super().to_internal_value(data)
        if not -180 <= value <= 180:
            raise serializers.ValidationError("经纬度应在 -180 到 180 之间。")
        return value.quantize(_PLACES)


@extend_schema_field({"type": ["string", "array", "object", "null"]})
class GoodsField(serializers.Field[Any, Any, Any, Any]):
    """Goods as JSON text, or as the JSON itself; kept as text of at most 20 kB."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def to_internal_value(self, data: Any) -> str:
        """The text; a text given is kept as it is."""
        if isinstance(data, str):
            return _checked_text(data)
        if not isinstance(data, Mapping | list):
            raise serializers.ValidationError("必须是 JSON 文本、数组或对象。")
        return _short(json.dumps(data, ensure_ascii=False, separators=(",", ":")))

    def to_representation(self, value: Any) -> Any:
        """Only read."""
        return value


def _checked_text(text: str) -> str:
    if not text.strip():
        return ""
    try:
        loads(_short(text).encode())
    except Malformed:
        raise serializers.ValidationError("必须是有效的 JSON 文本。") from None
    return text


def _short(text: str) -> str:
    if len(text.encode()) > MOST_GOODS_BYTES:
        raise serializers.ValidationError(f"超过 {MOST_GOODS_BYTES} 字节上限，请精简。")
    return text
