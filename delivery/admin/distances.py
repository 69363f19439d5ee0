"""How far, in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def distance_text(metres: int) -> str:
    """Whole metres below a kilometre, then kilometres to one place."""
    if metres < 1_000:
        return _("%(metres)s m") % {"metres": metres}
    return _("%(kilometres)s km") % {"kilometres": f"{metres / 1_000:,.1f}".removesuffix(".0")}
