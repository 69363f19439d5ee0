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
# A market is no city, and a housing estate (小区), a campus or a factory no district.
_CITY = rf"{_NAME}{{2,6}}(?<![超夜菜])市"
_REGION = re.compile(rf"^\s*({_NAME}{{2,6}}省|{_NAME}{{2,8}}自治区)?\s*({_CITY})?\s*")
_DISTRICT = re.compile(rf"{_NAME}{{1,6}}(?:(?<![小园社校院厂景街])区|县)|{_CITY}")


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
