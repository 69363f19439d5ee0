"""Bytes from outside become fields, JSON or XML alike, or `Unreadable`; nothing else is raised.

An answer that cannot be read is never taken for a refusal: what it answers may have been done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from logistics.carriers.cainiao import values
from logistics.carriers.cainiao.fields import Step, find
from logistics.carriers.cainiao.verbatim import raw_value

_LONGEST_INTEGER = 40
_LONGEST_CODE, _LONGEST_MESSAGE = 50, 500


class Unreadable(ValueError):
    """Not an object in JSON or XML, or without what it needs; the text says which."""


@dataclass(frozen=True, slots=True)
class Content:
    """An object's fields; `source` is the JSON text they were read from, '' for XML.

    Scalars are str, bool, None, int (longer ones than any number of ours stay text) and Decimal,
    which may be NaN: floats never.
    """

    fields: Mapping[str, Any] = field(repr=False)
    source: str = field(default="", repr=False)

    def verbatim(self, way: tuple[Step, ...], value: object) -> str:
        """`value`, found by `way`, as the text it was sent as: print data carries a signature.

        A JSON string is itself, any other JSON value its very characters. Of XML elements inside
        only the fields survive, as compact JSON.
        """
        if isinstance(value, str):
            return value
        if self.source:
            try:
                return raw_value(self.source, way)
            except (LookupError, ValueError, RecursionError):
                return ""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer says of itself; `success` None: it does not say."""

    success: bool | None
    code: str = ""
    message: str = ""


def decode(raw: bytes) -> str:
    """The text of UTF-8 or, as LINK also allows, GBK.

    :raises Unreadable: neither.
    """
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    msg = "neither UTF-8 nor GBK"
    raise Unreadable(msg)


def read(raw: bytes | str) -> Content:
    """The content, whatever was declared: its first character tells the notation.

    :raises Unreadable: not an object.
    """
    source = (decode(raw) if isinstance(raw, bytes) else raw).strip()
    if source.startswith("<"):
        return Content(_object(_read_xml(source)))
    return Content(_object(_read_json(source)), source)


def verdict(content: Content) -> Verdict:
    """Whether the content says success, with its code and message.

    Three shapes are out there: `success`/`errorCode`/`errorMsg` (or `errorMessage`),
    `is_success`, and `responseItems/response/{success, reason, reasonDesc}`.
    """
    for holder in _holders(content.fields):
        for name in ("success", "is_success", "isSuccess"):
            if name in holder:
                return Verdict(
                    values.truth(holder[name]),
                    _first(holder, ("errorCode", "error_code", "reason"), _LONGEST_CODE),
                    _first(
                        holder,
                        ("errorMsg", "errorMessage", "error_msg", "reasonDesc"),
                        _LONGEST_MESSAGE,
                    ),
                )
    return Verdict(None)


def _holders(fields: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield fields
    inner = fields.get("responseItems")
    while isinstance(inner, list | Mapping):
        if isinstance(inner, list):
            # One question, one answer; of several none is known to be ours.
            inner = inner[0] if len(inner) == 1 else None
        elif "response" in inner:
            inner = inner["response"]
        else:
            yield inner
            return


def _first(holder: Mapping[str, Any], names: tuple[str, ...], length: int) -> str:
    found = (values.text(find(holder, name)[0], length) for name in names)
    return next((text for text in found if text), "")


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        msg = "not an object"
        raise Unreadable(msg)
    return value


def _read_json(source: str) -> Any:
    try:
        return json.loads(source, parse_float=_decimal, parse_int=_integer, parse_constant=Decimal)
    except (ValueError, RecursionError) as exc:
        msg = f"not JSON ({type(exc).__name__})"
        raise Unreadable(msg) from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _decimal(digits: str) -> Decimal | str:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _read_xml(source: str) -> Any:
    try:
        return _element(fromstring(source, forbid_dtd=True))
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as exc:
        msg = f"not XML ({type(exc).__name__})"
        raise Unreadable(msg) from None


def _element(element: Element) -> Any:
    """Children as members, equal ones as a list; without children the text."""
    if not len(element):
        return (element.text or "").strip()
    members: dict[str, Any] = {}
    repeated: set[str] = set()
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        value = _element(child)
        if name in repeated:
            members[name].append(value)
        elif name in members:
            members[name] = [members[name], value]
            repeated.add(name)
        else:
            members[name] = value
    return members
