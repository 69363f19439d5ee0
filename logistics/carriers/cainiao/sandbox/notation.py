"""Content is read from JSON or XML into one shape and answered in the notation asked in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

JSON_TYPE = "application/json;charset=UTF-8"
XML_TYPE = "text/xml;charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """A rendered answer."""

    body: bytes
    content_type: str = JSON_TYPE
    status: str = "200 OK"


def looks_like_xml(content: bytes) -> bool:
    """Say which of the two notations was meant."""
    return content.lstrip().startswith(b"<")


def read(content: bytes) -> dict[str, object]:
    """Return the content's object; raise ValueError for what is not well-formed UTF-8."""
    text = content.decode("utf-8")
    if looks_like_xml(content):
        try:
            value = _element_value(fromstring(text, forbid_dtd=True))
        except (ParseError, DefusedXmlException) as error:
            msg = f"not well-formed XML ({error})"
            raise ValueError(msg) from error
    else:
        try:
            value = json.loads(text, parse_constant=_refuse_constant)
        except RecursionError as error:
            msg = "nested too deeply"
            raise ValueError(msg) from error
    if not isinstance(value, dict):
        msg = "not an object"
        raise ValueError(msg)
    return value


def render(content: Mapping[str, object], *, xml: bool = False) -> Answer:
    """Return the answer as bytes; members that are None are left out."""
    told = {name: value for name, value in content.items() if value is not None}
    if not xml:
        return Answer(json.dumps(told, ensure_ascii=False).encode())
    root = Element("response")
    for name, value in told.items():
        _append(root, name, value)
    return Answer(tostring(root, encoding="utf-8", xml_declaration=True), XML_TYPE)


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _element_value(element: Element) -> object:
    if not len(element):
        return (element.text or "").strip()
    members: dict[str, object] = {}
    for child in element:
        value = _element_value(child)
        if child.tag not in members:
            members[child.tag] = value
            continue
        earlier = members[child.tag]
        members[child.tag] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
    return members


def _append(parent: Element, name: str, value: object) -> None:
    child = SubElement(parent, name)
    if isinstance(value, bool):
        child.text = "true" if value else "false"
    elif isinstance(value, Mapping):
        for inner, member in value.items():
            if member is not None:
                _append(child, inner, member)
    elif isinstance(value, list):
        # <branchList><branch/>…: an item is named as its list, without the ending.
        item_name = name.removesuffix("List") if name.endswith("List") else "item"
        for item in value:
            _append(child, item_name, item)
    else:
        child.text = "".join(c for c in str(value) if c >= " " or c in "\t\n\r")
