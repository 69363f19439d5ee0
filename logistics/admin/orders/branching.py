"""Branches are looked up for the sender as written down; one of them may be chosen for the order.

What was found travels with the page, signed, so that choosing asks nobody again and a branch
chosen for another place or carrier is not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from config.kernel.errors import Refusal
from logistics.admin.orders.terms import terms_for
from logistics.carriers.base import Branch, Place
from logistics.divisions import Ambiguous, Unparsable, parse
from logistics.services.asking import find_branches

SALT = "logistics.branches"
HOURS = 12
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Search:
    """For whom branches were looked up, what was found, or why nothing was."""

    cp_code: str = ""
    where: str = ""
    found: tuple[Branch, ...] = ()
    trouble: str = ""

    @property
    def signed(self) -> str:
        """The search as the page carries it."""
        branches = [asdict(branch) for branch in self.found]
        value = {"cp_code": self.cp_code, "where": self.where, "found": branches}
        return signing.dumps(value, salt=SALT, compress=True)


def search_branches(data: Mapping[str, Any], *, at: datetime) -> Search:
    """Ask the carrier for the branches that serve the sender as written down."""
    cp_code, place = _asked(data, at)
    if not cp_code:
        return Search(trouble=_("Fill in the carrier first."))
    if not (place.province and place.city):
        return Search(cp_code, trouble=_("Fill in the sender's province and city first."))
    try:
        found = find_branches(
            cp_code=cp_code, province=place.province, city=place.city, district=place.district
        )
    except Refusal as exc:
        return Search(cp_code, _where(place), trouble=exc.text)
    trouble = "" if found else _("The carrier has no branch there.")
    return Search(cp_code, _where(place), found[:MOST_SHOWN], trouble)


def kept_search(data: Mapping[str, Any]) -> Search | None:
    """The search this page carries; None where there was none, or it is old or not ours."""
    try:
        value = signing.loads(str(data.get("branches") or ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        return None
    found = tuple(Branch(**branch) for branch in value["found"])
    return Search(value["cp_code"], value["where"], found)


def chosen_branch(data: Mapping[str, Any], *, at: datetime) -> Branch | None:
    """The branch that was chosen; None where none was.

    :raises LookupError: it is not among those found for this sender and carrier.
    """
    code = str(data.get("branch") or "")
    if not code:
        return None
    search = kept_search(data)
    cp_code, place = _asked(data, at)
    found = {branch.code: branch for branch in search.found} if search else {}
    if search is None or (search.cp_code, search.where) != (cp_code, _where(place)):
        raise LookupError(code)
    return found[code]


def _asked(data: Mapping[str, Any], at: datetime) -> tuple[str, Place]:
    """Carrier and sender's place: the form's own, else the rule's; a text is read by our table."""
    terms = terms_for(data, at=at)
    given = [str(data.get(f"sender_{part}") or "").strip() for part in
             ("province", "city", "district", "town", "address")]  # fmt: skip
    place = Place(*given) if any(given) else terms.place
    if not (place.province and place.city):
        place = _read("".join((place.province, place.city, place.district, place.detail)))
    return terms.cp_code, place


def _read(text: str) -> Place:
    try:
        read = parse(text)
    except (Ambiguous, Unparsable):
        return Place()
    return Place(read.province or "", read.city or "", read.district or "")


def _where(place: Place) -> str:
    return " ".join(filter(None, (place.province, place.city, place.district)))
