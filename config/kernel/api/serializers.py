"""Input is checked completely or refused: unknown fields, types as JSON has them, no coercion."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from config.kernel.api.envelope import flatten
from config.kernel.errors import Malformed
from config.kernel.phones import is_phone, is_plain_mobile
from config.kernel.text import seen

_cache = threading.local()


class StrictCharField(serializers.CharField):
    """A JSON string; numbers and booleans are not silently turned into text."""

    default_error_messages = {"invalid": "必须是字符串。"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        usual = 2 + (self.max_length is not None)
        kind = type(self)
        same = kind.is_plain is not StrictCharField.is_plain or (
            kind.to_internal_value is StrictCharField.to_internal_value
        )
        #: A plain text is not looked at more closely, unless somebody added a check.
        self._trusts_plain = same and len(self.validators) == usual and self.min_length is None

    def run_validation(self, data: Any = empty) -> Any:
        """What DRF does; nearly all texts are plain and need none of its rounds."""
        if type(data) is str and self._trusts_plain and self.is_plain(data):
            return data
        return super().run_validation(data)

    def is_plain(self, text: str) -> bool:
        """Whether it is right as it stands, whatever the other checks are.

        Printable, so without control characters, invisible ones and halves of characters; not
        blank, no blanks around, not too long. A subclass that checks more says here what passes.
        """
        length = len(text)
        return (
            text.isprintable()
            and length > 0
            and (self.max_length is None or length <= self.max_length)
            and text[0] != " " != text[-1]
        )

    def to_internal_value(self, data: Any) -> str:
        """Refuse anything but a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class PhoneField(StrictCharField):
    """A phone a courier could ring."""

    def is_plain(self, text: str) -> bool:
        """A mobile's eleven digits."""
        return is_plain_mobile(text)

    def run_validation(self, data: Any = empty) -> Any:
        """Without the marks that a telephone puts around a number it copies."""
        return super().run_validation(seen(data) if isinstance(data, str) else data)

    def to_internal_value(self, data: Any) -> str:
        """Refuse what no phone looks like."""
        phone = unicodedata.normalize("NFKC", super().to_internal_value(data))
        if phone and not is_phone(phone):
            raise serializers.ValidationError(
                "电话格式不正确：请填写手机号，或带区号的座机（可带分机）。"
            )
        return phone


def optional_text(length: int) -> StrictCharField:
    """A text that may be left out, null or blank."""
    return StrictCharField(max_length=length, required=False, allow_blank=True, allow_null=True)


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer; neither `"1"` nor `1.0` nor `true`."""

    default_error_messages = {"invalid": "必须是整数。"}

    def to_internal_value(self, data: Any) -> int:
        """Refuse anything but an integer."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


@extend_schema_field(
    {"oneOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}]}
)
class StrictDecimalField(serializers.DecimalField):
    """A number, or the same as a string, never with more places than the column's."""

    default_error_messages = {"invalid": "必须是数字。"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        places = self.decimal_places
        self._step = None if places is None else Decimal(1).scaleb(-places)
        whole = min((self.max_digits or 0) - (places or 0), 9)
        fraction = "" if places == 0 else rf"(?:\.[0-9]{{1,{min(places or 9, 9)}}})?"
        #: As nearly all come: within bounds, so DRF's checks of digits would find nothing.
        self._usual = re.compile(rf"[0-9]{{1,{whole}}}{fraction}") if whole > 0 else None

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """A number is not empty; DRF would look whether its text is blank."""
        if type(data) is str:
            return super().validate_empty_values(data)
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse booleans and containers; read floats as they were written."""
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            self.fail("invalid")
        if self._usual and self._usual.fullmatch(str(data)):
            value = Decimal(str(data))
            return value if self._step is None else value.quantize(self._step)
        if not str(data).isascii() or "_" in str(data):  # Decimal reads `1_0` as ten
            self.fail("invalid")
        return super().to_internal_value(str(data)) + 0  # no minus before a zero


class StrictBooleanField(serializers.BooleanField):
    """A JSON true or false; neither `"true"` nor 1."""

    default_error_messages = {"invalid": "必须是 true 或 false。"}

    def to_internal_value(self, data: Any) -> bool:
        """Refuse anything but the two."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields by name."""

    def to_internal_value(self, data: Any) -> Any:
        """Check names first, then values, and report both."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"body": ["请求体必须是 JSON 对象。"]})
        inputs = self._inputs
        unknown = [name for name in data if name not in inputs]
        if unknown:
            raise serializers.ValidationError(
                {name: ["未知字段，请检查字段名。"] for name in unknown[:20]}
            )
        return self._read(data)

    def _read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What DRF's loop does, for what comes as JSON; the fields are looked up once."""
        out: dict[str, Any] = {}
        wrong: dict[str, Any] = {}
        for name, (field, check) in self._inputs.items():
            try:
                value = field.run_validation(data.get(name, empty))
                out[name] = value if check is None else check(value)
            except serializers.ValidationError as exc:
                wrong[name] = exc.detail
            except SkipField:
                pass
        if wrong:
            raise serializers.ValidationError(wrong)
        return out

    def run_validators(self, value: Any) -> None:
        """Run those that there are; DRF looks through all fields first for what is only read."""
        if self.validators:
            super().run_validators(value)

    @cached_property
    def _inputs(self) -> dict[str, tuple[Any, Any]]:
        """By name the field and the serializer's own check of it, if any."""
        return {
            name: (field, getattr(self, f"validate_{name}", None))
            for name, field in self.fields.items()
            if not field.read_only
        }


class NothingInput(StrictSerializer):
    """No field at all: a body may be left out or be `{}`."""


def validate(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Run `kind` over `data`; one instance per thread, since building the fields costs most.

    Only for serializers without state: no context, no instance.
    """
    cached = _cache.__dict__.setdefault("instances", {})
    instance = cached.get(kind)
    if instance is None:
        instance = cached[kind] = kind()
    try:
        return dict(instance.run_validation(data))
    except serializers.ValidationError as exc:
        raise Malformed(fields=flatten(exc.detail)) from None
