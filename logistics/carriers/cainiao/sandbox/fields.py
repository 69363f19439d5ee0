"""Fields of the content are taken out checked: present, of the right kind, within their length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from logistics.carriers.cainiao.sandbox.refusals import bad_field

TRADE_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Rare characters beyond the basic plane are letters and pass; pictures, their joiners and
# variation selectors do not (JD and Cainiao printers cannot set them).
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u200d\u20e3\ufe0e\ufe0f"
    "\U000e0020-\U000e007f]"
)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Party:
    """Sender or receiver."""

    name: str
    phone: str
    mobile: str
    province: str
    city: str
    district: str
    town: str
    detail: str


def text(
    source: Mapping[str, object], name: str, at: str, *, limit: int, required: bool = False
) -> str:
    """Return a text of at most `limit` characters, "" where it may be absent."""
    path = f"{at}.{name}" if at else name
    value = source.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise bad_field(path, "必须是字符串")
    if required and not value.strip():
        raise bad_field(path, "不能为空")
    if len(value) > limit:
        raise bad_field(path, f"不能超过{limit}个字符")
    if EMOJI.search(value) or UNPRINTABLE.search(value):
        raise bad_field(path, "含有不支持的字符(如表情符号)")
    return value


def trade_number(value: object, path: str) -> str:
    """Return an order number of letters, digits, `_` and `-`."""
    if not isinstance(value, str) or not TRADE_NUMBER.fullmatch(value):
        raise bad_field(path, "只能由字母、数字、下划线和连字符组成")
    return value


def whole(source: Mapping[str, object], name: str, at: str, *, least: int = 0) -> int | None:
    """Return a whole number or None; digits in a text count, as XML has no other."""
    path = f"{at}.{name}" if at else name
    value = source.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_field(path, "必须是整数")
    if value < least:
        raise bad_field(path, f"不能小于{least}")
    return value


def members(source: Mapping[str, object], name: str, at: str = "") -> Mapping[str, object]:
    """Return an object that must be there."""
    value = source.get(name)
    if not isinstance(value, Mapping):
        raise bad_field(f"{at}.{name}" if at else name, "不能为空")
    return value


def items(source: Mapping[str, object], name: str, at: str, *, most: int) -> list[object]:
    """Return a list of 1 to `most` items; in XML it is one element around equal ones."""
    path = f"{at}.{name}" if at else name
    value = source.get(name)
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
        value = value if isinstance(value, list) else [value]
    if not isinstance(value, list) or not value:
        raise bad_field(path, "不能为空")
    if len(value) > most:
        raise bad_field(path, f"最多{most}个")
    return value


def party(source: Mapping[str, object], name: str, at: str = "") -> Party:
    """Return a sender or receiver: a name, a phone or a mobile, an address with detail."""
    who = members(source, name, at)
    path = f"{at}.{name}" if at else name
    address = members(who, "address", path)
    where = f"{path}.address"
    found = Party(
        name=text(who, "name", path, limit=40, required=True),
        phone=text(who, "phone", path, limit=20),
        mobile=text(who, "mobile", path, limit=20),
        province=text(address, "province", where, limit=20, required=True),
        city=text(address, "city", where, limit=20),
        district=text(address, "district", where, limit=20),
        town=text(address, "town", where, limit=30),
        detail=text(address, "detail", where, limit=256, required=True),
    )
    if not found.phone.strip() and not found.mobile.strip():
        raise bad_field(f"{path}.phone", "phone和mobile至少填写一个")
    return found
