"""A rule's sender as it will stand on labels and on the wire, and what its address contradicts."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from logistics import divisions
from logistics.admin.pretty import pretty
from logistics.carriers.base import Party, Place, Shipment
from logistics.carriers.cainiao import fields, sources, tables
from logistics.carriers.cainiao.profile import Profile
from logistics.errors import AccountMissing
from logistics.models import ExpressRule
from logistics.services.accounts import account_for
from logistics.services.labels.content import side_of

LEVELS = ("province", "city", "district")
MOST_SHOWN = 5


def sender_preview(rule: ExpressRule) -> SafeString:
    """The label's lines, the hints, and the fields of a waybill's question."""
    side = side_of(rule, "sender")
    hints = format_html_join("", '<li class="warning">{}</li>', ((h,) for h in sender_hints(rule)))
    return format_html(
        '<div class="sender-preview"><p class="sender-label"><strong>{} {}</strong><br>{}{}</p>'
        '<ul class="messagelist">{}</ul>{}</div>',
        side.name or "—",
        side.phone,
        side.place,
        side.detail,
        hints,
        pretty(_on_the_wire(rule)),
    )


def sender_hints(rule: ExpressRule) -> list[str]:
    """What is lacking, doubtful or contradictory; nothing is guessed and nothing is changed."""
    hints = [
        _("Without %(what)s an order must say it itself.") % {"what": what}
        for what, value in (
            (_("sender"), rule.sender_name),
            (_("sender's phone"), rule.sender_phone),
            (_("sender's address"), rule.sender_address),
        )
        if not value
    ]
    given = [getattr(rule, f"sender_{level}") or None for level in LEVELS]
    address = rule.sender_address or ""
    if any(given):
        return [*hints, *_about_levels(given, address)]
    return [*hints, *_about_text(address)] if address else hints


def _about_levels(given: list[str | None], address: str) -> list[str]:
    try:
        official = divisions.complete(*given)
    except divisions.Ambiguous as exc:
        return [_several(exc)]
    except divisions.Unparsable:
        return [_("Province, city and district contradict each other, or do not exist.")]
    hints = []
    named = [official.province, official.city, official.district]
    if [name for name in given if name] != [name for name in named if name]:
        text = _("The official names are: %(names)s.")
        hints.append(text % {"names": " ".join(filter(None, dict.fromkeys(named)))})
    if official.district is None and official.candidates:
        hints.append(_("It may be: %(names)s.") % {"names": "、".join(official.candidates)})
    said = _read(address)
    differs = said is not None and any(
        theirs and ours and theirs != ours
        for theirs, ours in zip((said.province, said.city, said.district), named, strict=True)
    )
    if said is not None and differs:
        text = _("The address itself says: %(names)s.")
        told = filter(None, dict.fromkeys((said.province, said.city, said.district)))
        hints.append(text % {"names": " ".join(told)})
    return hints


def _about_text(address: str) -> list[str]:
    try:
        divisions.parse(address)
    except divisions.Ambiguous as exc:
        return [_several(exc)]
    except divisions.Unparsable:
        return [_("No city is recognised in the address: fill in province, city and district.")]
    return []


def _several(exc: divisions.Ambiguous) -> str:
    names = "、".join(exc.candidates[:MOST_SHOWN])
    return _("The place exists more than once: %(names)s. Fill in what is missing.") % {
        "names": names
    }


def _read(address: str) -> divisions.Parsed | None:
    """What the detail says by itself; most details name no city, and need not."""
    try:
        return divisions.parse(address) if address else None
    except (divisions.Ambiguous, divisions.Unparsable):
        return None


def _on_the_wire(rule: ExpressRule) -> dict[str, Any]:
    """The sender's part of what a waybill is asked for with, by the live account's table."""
    try:
        questions = account_for(is_test=False).profile.questions
    except AccountMissing:
        questions = Profile(app_key="", app_secret="").questions
    table = {
        path: source
        for path, source in questions[tables.GET_WAYBILL].items()
        if (fields.source_name(source) or "").startswith("sender.")
    }
    place = Place(
        **{level: getattr(rule, f"sender_{level}") or "" for level in (*LEVELS, "town")},
        detail=rule.sender_address or "",
    )
    sender = Party(rule.sender_name or "", rule.sender_phone or "", place)
    shipment = Shipment(order_no="", cp_code=rule.cp_code, sender=sender, receiver=sender)
    return fields.build(table, sources.of_shipment(shipment))
