"""Above a tenant's lines stands what they add up to: a closed period's statement, or the bar."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quotas.admin.bar import quota_bar
from quotas.admin.statements import period_of
from quotas.models import QuotaStatement, TenantQuota
from quotas.money import to_yuan
from quotas.queries import as_of


def summary_of(code: str, period_no: str, at: datetime) -> SafeString | None:
    """Of the period that is picked, else of the open one; None where there is nothing to say."""
    quota = TenantQuota.objects.select_related("tenant").filter(tenant__platform_code=code).first()
    if quota is None:
        return None
    if period_no.isdecimal() and int(period_no) < quota.period_no:
        closed = QuotaStatement.objects.filter(tenant_id=quota.tenant_id, period_no=int(period_no))
        return next(map(_closed, closed), None)
    now = as_of(quota, at)
    period = period_of(now.period_no, now.period_start, now.period_end)
    url = reverse("admin:quotas_tenantquota_change", args=[quota.pk])
    text = format_html("{} {} ", quota.tenant, period)
    link = format_html(' <a href="{}">{}</a>', url, _("quota")) if quota.hidden_at is None else ""
    return format_html("{}{}{}", text, quota_bar(now), link)


def _closed(statement: QuotaStatement) -> SafeString:
    url = reverse("admin:quotas_quotastatement_change", args=[statement.pk])
    figures = _("%(units)d units, of these %(over)d overage for %(amount)s yuan") % {
        "units": statement.units,
        "over": statement.overage_units,
        "amount": to_yuan(statement.overage_amount_minor),
    }
    period = period_of(statement.period_no, statement.period_start, statement.period_end)
    return format_html('{} {} <a href="{}">{}</a>', period, figures, url, _("quota statement"))
