"""A quota drawn as a bar with the figures beside it; colours come from `console/quotas.css`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quotas.admin.levels import level_of
from quotas.states import QuotaStatus

if TYPE_CHECKING:
    from quotas.models import TenantQuota

WIDTH, HEIGHT = 160, 10


def quota_bar(quota: TenantQuota) -> SafeString:
    """Free units used, then overage; the whole bar is what may be or has been used."""
    free_used = quota.monthly_used - quota.overage_used
    whole = max(quota.monthly_free_quota, quota.monthly_used, 1)
    first = _pixels(free_used, whole)
    over = _pixels(quota.overage_used, whole)
    resting = "" if quota.status == QuotaStatus.ENABLED else " quota-resting"
    return format_html(
        '<svg class="quota-bar quota-{level}{resting}" width="{width}" height="{height}"'
        ' viewBox="0 0 {width} {height}" role="img" aria-label="{text}">'
        '<rect class="quota-track" width="{width}" height="{height}" rx="3"/>'
        '<rect class="quota-free" width="{first}" height="{height}" rx="3"/>'
        '<rect class="quota-over" x="{first}" width="{over}" height="{height}" rx="3"/>'
        '</svg><span class="quota-figures">{text}</span>',
        level=level_of(quota).value,
        resting=resting,
        width=WIDTH,
        height=HEIGHT,
        first=first,
        over=over,
        text=figures(quota),
    )


def figures(quota: TenantQuota) -> str:
    """The same in words."""
    text = _("%(used)d of %(free)d free units used, %(left)d left") % {
        "used": quota.monthly_used - quota.overage_used,
        "free": quota.monthly_free_quota,
        "left": quota.free_left,
    }
    if quota.overage_used:
        more = _("overage: %(units)d, %(amount)s yuan")
        text += " · " + more % {"units": quota.overage_used, "amount": quota.overage_amount}
    return text


def _pixels(units: int, whole: int) -> int:
    """Never invisible where there is something."""
    return max(2, min(WIDTH, units * WIDTH // whole)) if units > 0 else 0
