"""`/t/<token>`: whoever holds the link sees how far the parcel or delivery is, and no more.

No login, no session, no cookie; names masked, nothing for search engines or caches. An unknown
link, a forged one and one that ended more than thirty days ago are the same answer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services.security import count_one
from config.kernel.api.addresses import client_address
from config.kernel.masking import mask_name, mask_phone
from config.kernel.numbers import read_link_token
from delivery.queries.tracking import TrackedDelivery, TrackedStep, tracked_delivery
from delivery.states import LINK_KIND as DELIVERY
from delivery.states import DeliveryStatus
from logistics.queries.tracking import TrackedParcel, tracked_parcel
from logistics.states import LINK_KIND as PARCEL
from logistics.states import OrderStatus

log = logging.getLogger(__name__)
SHOWN_FOR = timedelta(days=30)
PER_MINUTE = 60
LANGUAGES = {"zh": "zh-hans", "en": "en"}
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language",
}
GOOD = frozenset({OrderStatus.SIGNED, DeliveryStatus.DELIVERED})
BAD = frozenset(
    {
        OrderStatus.REJECTED, OrderStatus.EXCEPTION, OrderStatus.CANCELLED,
        DeliveryStatus.CANCELLED, DeliveryStatus.FAILED, DeliveryStatus.RETURNING,
        DeliveryStatus.RETURNED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """What the page shows; `facts` are label and value, `lines` newest first."""

    number: str
    kind: str
    is_test: bool
    status: str
    tone: str
    is_over: bool
    note: str
    facts: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    closed_at: datetime | None


@require_safe
def tracking_view(request: HttpRequest, token: str) -> HttpResponse:
    """The page in Chinese or English, by `lang` or by what the browser would rather read."""
    at = timezone.now()
    language = LANGUAGES.get(request.GET.get("lang", "")) or _preferred(request)
    with translation.override(language):
        if _too_often(client_address(request), at):
            text = _("Too many requests. Try again in a minute.")
            answer = _page(request, "tracking/none.html", HTTPStatus.TOO_MANY_REQUESTS, text=text)
            answer["Retry-After"] = "60"
            return answer
        story = _story(token, at)
        if story is None:
            text = _("There is nothing under this link, or no longer. Ask whoever gave it to you.")
            return _page(request, "tracking/none.html", HTTPStatus.NOT_FOUND, text=text)
        return _page(request, "tracking/page.html", HTTPStatus.OK, story=story)


def _preferred(request: HttpRequest) -> str:
    return translation.get_language_from_request(request)


def _too_often(address: str, at: datetime) -> bool:
    try:
        return count_one(f"tracking:{address}:{int(at.timestamp()) // 60}", 120) > PER_MINUTE
    except Exception as exc:  # noqa: BLE001 - whatever client the cache has
        log.warning("a look at a tracking page was not counted: %s", type(exc).__name__)
        return False


def _page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """Rendered without the request: no session is touched, no cookie set."""
    language = translation.get_language()
    shown = {
        "language": language,
        "languages": [
            (label, f"?{urlencode({'lang': short})}", code == language)
            for (short, code), label in zip(LANGUAGES.items(), ("中文", "English"), strict=True)
        ],
    }
    answer = HttpResponse(render_to_string(template, {**shown, **context}), status=status)
    answer["Content-Language"] = language
    for name, value in HEADERS.items():
        answer[name] = value
    return answer


def _story(token: str, at: datetime) -> Story | None:
    named = read_link_token(token)
    if named is None:
        return None
    kind, pk = named
    story = None
    if kind == PARCEL and (parcel := tracked_parcel(pk)):
        story = _of_parcel(parcel)
    elif kind == DELIVERY and (delivery := tracked_delivery(pk, at=at)):
        story = _of_delivery(delivery)
    if story is None or (story.closed_at is not None and story.closed_at < at - SHOWN_FOR):
        return None
    return story


def _of_parcel(parcel: TrackedParcel) -> Story:
    where = f"{parcel.to_city} {parcel.to_district}".strip()
    facts = [
        (_("carrier"), parcel.carrier),
        (_("waybill"), parcel.waybill_no),
        (_("from"), parcel.from_city),
        (_("to"), where),
        (_("receiver"), _person(parcel.receiver_name, parcel.receiver_phone)),
        (_("courier"), _courteous(parcel.courier_name)),
    ]
    lines = [
        Line(event.at, event.text or str(event.status.label if event.status else ""))
        for event in parcel.events
    ]
    return Story(
        number=parcel.order_no,
        kind=_("parcel"),
        is_test=parcel.is_test,
        status=str(parcel.status.label),
        tone=_tone(parcel.status),
        is_over=parcel.closed_at is not None,
        note="",
        facts=[fact for fact in facts if fact[1]],
        lines=[
            *(line for line in lines if line.text),
            Line(parcel.created_at, _("The order was made.")),
        ],
        closed_at=parcel.closed_at,
    )


def _of_delivery(delivery: TrackedDelivery) -> Story:
    over = delivery.closed_at is not None
    promised = f"{timezone.localtime(delivery.promised_at):%m-%d %H:%M}"
    facts = [
        (_("shop"), delivery.shop),
        (_("receiver"), _person(delivery.receiver_name, delivery.receiver_phone)),
        (_("rider"), _courteous(delivery.rider_name)),
        (_("promised by"), "" if _tone(delivery.status) != "now" else promised),
    ]
    return Story(
        number=delivery.order_no,
        kind=_("delivery"),
        is_test=delivery.is_test,
        status=str(delivery.status.label),
        tone=_tone(delivery.status),
        is_over=over,
        note=_away(delivery.away_m),
        facts=[fact for fact in facts if fact[1]],
        lines=[Line(step.at, _said(step)) for step in delivery.steps],
        closed_at=delivery.closed_at,
    )


def _said(step: TrackedStep) -> str:
    if step.is_again:
        return _("Another rider is being looked for.")
    if step.status == DeliveryStatus.ACCEPTED:
        return _("%(rider)s took the order.") % {"rider": _courteous(step.rider_name)}
    return str(step.status.label)


def _away(metres: int | None) -> str:
    if metres is None:
        return ""
    if metres < 1_000:
        return _("The rider is about %(metres)d m away.") % {"metres": metres}
    return _("The rider is about %(km).1f km away.") % {"km": metres / 1_000}


def _person(name: str, phone: str) -> str:
    return f"{mask_name(name)} {mask_phone(phone)}".strip()


def _courteous(name: str) -> str:
    """A surname and a title: whom to greet, not whom to look up."""
    return _("Mr/Ms %(surname)s") % {"surname": name.strip()[:1]} if name.strip() else ""


def _tone(status: str) -> str:
    if status in GOOD:
        return "good"
    return "bad" if status in BAD else "now"
