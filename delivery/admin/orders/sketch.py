"""A schematic map as inline SVG: shop, receiver and the rider's way; no tiles, nothing outside.

North is up, both axes have one scale, a bar says how long some metres are. Colours come from
classes alone (`console/dispatch.css`). A place that is missing is left out, and said so; with none
there is no picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from delivery.admin.distances import distance_text
from delivery.models import DeliveryOrder, RiderPosition
from delivery.states import CARRIED

WIDTH, HEIGHT, MARGIN = 640, 400, 64
DEGREE_M = 111_195.0
# Closer together than this everything would lie on one point.
LEAST_SPAN_M = 200.0
MOST_POSITIONS = 500
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The picture, None where no place is known, and what is missing in words."""

    picture: SafeString | None
    missing: list[str]


def sketch_of(order: DeliveryOrder) -> Sketch:
    """One statement while a rider has the order, else none: positions end with an assignment."""
    shop = _place(order.merchant_lat, order.merchant_lng)
    receiver = _place(order.receiver_lat, order.receiver_lng)
    way = _way(order)
    missing = [
        str(text)
        for text, lacks in (
            (_("The shop's coordinates are not known."), shop is None),
            (_("The receiver's coordinates are not known."), receiver is None),
            (_("The rider has not said where he is."), order.status in CARRIED and not way),
        )
        if lacks
    ]
    places = [place for place in (shop, receiver, *way) if place is not None]
    if not places:
        return Sketch(None, missing)
    return Sketch(_drawn(shop, receiver, way, places, order.distance_m), missing)


def _way(order: DeliveryOrder) -> list[Place]:
    if order.status not in CARRIED:
        return []
    rows = RiderPosition.objects.filter(order_id=order.pk, attempt=order.attempt)
    newest = rows.order_by("-created_at").values_list("lat", "lng")[:MOST_POSITIONS]
    return [(float(lat), float(lng)) for lat, lng in reversed(newest)]


def _drawn(
    shop: Place | None,
    receiver: Place | None,
    way: Sequence[Place],
    places: Sequence[Place],
    away: int | None,
) -> SafeString:
    frame = _Frame(places)
    parts: list[SafeString] = [frame.bar(), _north()]
    if shop and receiver:
        (x1, y1), (x2, y2) = frame.at(shop), frame.at(receiver)
        line = '<line class="map-crow" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        parts.append(format_html(line, x1, y1, x2, y2))
    if len(way) > 1:
        points = " ".join(f"{x},{y}" for x, y in map(frame.at, way))
        parts.append(format_html('<polyline class="map-way" points="{}"/>', points))
    marks = (("shop", _("shop"), shop), ("receiver", _("receiver"), receiver),
             ("rider", _("rider"), way[-1] if way else None))  # fmt: skip
    taken: list[tuple[float, float]] = []
    for kind, name, place in marks:
        if place is not None:
            parts.append(_mark(kind, name, frame.at(place), taken))
    title = _("Map: %(places)s") % {"places": "、".join(str(n) for _k, n, p in marks if p)}
    if away is not None:
        title += _("; %(metres)s m as the crow flies") % {"metres": f"{away:,}"}
    return format_html(
        '<svg class="delivery-map" role="img" aria-label="{}" viewBox="0 0 {} {}">'
        "<title>{}</title>{}</svg>",
        title, WIDTH, HEIGHT, title, format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip


class _Frame:
    """From degrees to the picture's units, with as much of it used as there is."""

    def __init__(self, places: Sequence[Place]) -> None:
        lats, lngs = [lat for lat, _lng in places], [lng for _lat, lng in places]
        self.lat, self.lng = (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2
        self.shrink = cos(radians(self.lat))
        high = max((max(lats) - min(lats)) * DEGREE_M, LEAST_SPAN_M)
        wide = max((max(lngs) - min(lngs)) * DEGREE_M * self.shrink, LEAST_SPAN_M)
        #: Units of the picture for one metre.
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)

    def at(self, place: Place) -> tuple[float, float]:
        """Where a place lies: right is east, up is north."""
        lat, lng = place
        east = (lng - self.lng) * DEGREE_M * self.shrink
        north = (lat - self.lat) * DEGREE_M
        return (
            round(WIDTH / 2 + east * self.scale, 1),
            round(HEIGHT / 2 - north * self.scale, 1),
        )

    def bar(self) -> SafeString:
        """A round number of metres, a quarter of the picture long at most."""
        metres = _round_number(WIDTH / 4 / self.scale)
        long = round(metres * self.scale, 1)
        x, y = 20, HEIGHT - 18
        return format_html(
            '<g class="map-bar"><path d="M{} {}v6h{}v-6"/><text x="{}" y="{}">{}</text></g>',
            x, y - 6, long, x + 4, y - 10, distance_text(metres),
        )  # fmt: skip


def _north() -> SafeString:
    x = WIDTH - 28
    return format_html(
        '<g class="map-north"><path d="M{} 20l7 18l-7 -5l-7 5z"/>'
        '<text x="{}" y="56" text-anchor="middle">{}</text></g>',
        x, x, _("N"),
    )  # fmt: skip


def _mark(
    kind: str, name: Any, at: tuple[float, float], taken: list[tuple[float, float]]
) -> SafeString:
    """A sign of its own shape for each, with its name above, or below where one stands already."""
    x, y = at
    near = any(abs(x - other) < 70 and abs(y - height) < 34 for other, height in taken)
    taken.append(at)
    shape = {
        "shop": format_html('<rect x="{}" y="{}" width="18" height="18" rx="3"/>', x - 9, y - 9),
        "receiver": format_html('<circle cx="{}" cy="{}" r="10"/>', x, y),
        "rider": format_html('<path d="M{} {}l11 11l-11 11l-11 -11z"/>', x, round(y - 11, 1)),
    }[kind]
    return format_html(
        '<g class="map-mark map-{}">{}<text x="{}" y="{}" text-anchor="middle">{}</text></g>',
        kind, shape, x, round(y + 28 if near else y - 16, 1), name,
    )  # fmt: skip


def _round_number(most: float) -> int:
    """The largest 1, 2 or 5 followed by noughts that is not above `most`; at least 1."""
    ten = 1
    while ten * 10 <= most:
        ten *= 10
    return max(ten * step for step in (1, 2, 5) if ten * step <= max(most, 1))


def _place(lat: Any, lng: Any) -> Place | None:
    return None if lat is None or lng is None else (float(lat), float(lng))
