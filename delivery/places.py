"""Places are GCJ-02 coordinates, as maps in China and WeChat give them; distances in metres."""

from __future__ import annotations

import re
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_000
# The mainland with some margin: what lies outside is a mistake, most often latitude for longitude.
LATITUDES = (Decimal(3), Decimal(54))
LONGITUDES = (Decimal(73), Decimal(136))

Degrees = Decimal | float
_NAME = "[^省市区县路街道号村镇]"
# A market is no city, nor is what is built of one: 世纪城市花园, but 盐城市 is.
_CITY = rf"{_NAME}{{2,6}}(?<![超夜菜])(?<!{_NAME}{_NAME}[城都])市"
_REGION = re.compile(rf"^\s*({_NAME}{{2,6}}省|{_NAME}{{2,8}}自治区)?\s*({_CITY})?\s*")
# Parts of estates, campuses and factories are called 区 too: 小区, 东区, A区, 二区, 工业区. A
# district has a short name, and but one character before a quarter of the sky: 江北区.
_SKY = "东南西北中"
_PART = rf"{_SKY}小园社校院厂景期号楼栋幢座宅业活舍属寓库场苑发心A-Za-z\d一二三四五六七八九十"
_DISTRICT = re.compile(
    rf"(?:{_NAME}[{_SKY}]|{_NAME}{{1,3}}(?<![{_PART}])(?<!别墅)|{_NAME}{{2,8}}族)区"
    rf"|{_NAME}{{1,6}}县|{_CITY}"
)


def distance_m(lat: Degrees, lng: Degrees, other_lat: Degrees, other_lng: Degrees) -> int:
    """The distance as the crow flies, in whole metres."""
    first, second = radians(lat), radians(other_lat)
    half = sin((second - first) / 2) ** 2
    half += cos(first) * cos(second) * sin(radians(float(other_lng) - float(lng)) / 2) ** 2
    return round(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half))))


def is_known_place(lat: Decimal, lng: Decimal) -> bool:
    """Whether the coordinates can be of a place in China."""
    return LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lng <= LONGITUDES[1]


def looks_swapped(lat: Decimal, lng: Decimal) -> bool:
    """Whether they would be one the other way round."""
    return not is_known_place(lat, lng) and is_known_place(lng, lat)


def within_city(address: str) -> str:
    """The address without province and city, which in a same-city delivery tell nobody anything."""
    return _REGION.sub("", address, count=1) or address


def areas_of(address: str) -> list[str]:
    """The province, city and district that the address begins with, those that it names."""
    region = _REGION.match(address)
    assert region is not None  # noqa: S101 - all of it is optional
    district = _DISTRICT.match(address, region.end())
    found = (*region.groups(), district[0] if district else None)
    return [area for area in found if area]
