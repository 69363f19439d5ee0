"""What operators may do to a quota: switch it, close its period today, remove it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import audit
from config.kernel.console import ReasonedAction
from config.kernel.days import local_date
from config.kernel.errors import Rejected
from quotas.models import QuotaStatement, TenantQuota
from quotas.money import to_yuan
from quotas.queries import as_of
from quotas.services.closing import close_elapsed, is_elapsed, reset_now
from quotas.services.settings import remove_quota, save_quota
from quotas.states import QuotaStatus

Values = dict[str, Any]


def closing_note(quota: TenantQuota) -> str:
    """What a reset would close, and what it would open."""
    at = timezone.now()
    today = local_date(at, quota.tenant.zone)
    now = as_of(quota, at)
    if today <= now.period_start:
        text = _("Period %(no)d began today (%(start)s) and cannot be closed before tomorrow.")
        return text % {"no": now.period_no, "start": now.period_start}
    text = _(
        "Closes period %(no)d (%(start)s to %(end)s) with a statement: %(units)d units, of these"
        " %(over)d overage for %(amount)s yuan. The tenant then has %(free)d free units until"
        " %(next)s. This cannot be undone."
    )
    return text % {
        "no": now.period_no, "start": now.period_start, "end": today, "units": now.monthly_used,
        "over": now.overage_used, "amount": now.overage_amount, "free": now.monthly_free_quota,
        "next": now.period_end,
    }  # fmt: skip


def _switch(to: str) -> Callable[[Any, Values, Any], str]:
    def run(quota: TenantQuota, _values: Values, _user: Any) -> str:
        if quota.status == to:
            raise Rejected(fields={"status": ["已经是此状态。"]})
        save_quota(tenant_id=quota.tenant_id, at=timezone.now(), status=to)
        return audit.changed_text(quota, changes={"status": (quota.status, to)})

    return run


def _reset(quota: TenantQuota, _values: Values, _user: Any) -> str:
    at = timezone.now()
    closed: list[QuotaStatement | None] = [*close_elapsed(tenant_id=quota.tenant_id, at=at)]
    closed.append(reset_now(tenant_id=quota.tenant_id, at=at))
    told = [_told(statement) for statement in closed if statement is not None]
    if not told:
        raise Rejected(fields={"period_no": ["本期今天才开始，最早明天可以重置。"]})
    return "；".join(told)


def _told(statement: QuotaStatement) -> str:
    with translation.override(audit.LANGUAGE):
        text = _("period %(no)d closed (%(start)s to %(end)s): %(units)d units, %(amount)s yuan")
    return text % {
        "no": statement.period_no, "start": statement.period_start, "end": statement.period_end,
        "units": statement.units, "amount": to_yuan(statement.amount_minor),
    }  # fmt: skip


def _remove(quota: TenantQuota, _values: Values, _user: Any) -> str:
    gone = remove_quota(quota_id=quota.pk, at=timezone.now())
    with translation.override(audit.LANGUAGE):
        return _("removed") if gone else _("closed and hidden: its ledger stays")


def _is(*states: str) -> Callable[[Any], bool]:
    return lambda quota: quota.status in states


ENABLED, SUSPENDED, DISABLED = QuotaStatus.ENABLED, QuotaStatus.SUSPENDED, QuotaStatus.DISABLED
ACTIONS: tuple[ReasonedAction, ...] = (
    ReasonedAction(
        name="enable", label=gettext_lazy("enable"), run=_switch(ENABLED),
        applies=_is(SUSPENDED, DISABLED), note=gettext_lazy("The tenant can send again."),
    ),
    ReasonedAction(
        name="suspend", label=gettext_lazy("suspend"), run=_switch(SUSPENDED),
        applies=_is(ENABLED, DISABLED), danger=True,
        note=gettext_lazy("New parcels are refused until it is enabled; those booked go on."),
    ),
    ReasonedAction(
        name="disable", label=gettext_lazy("switch off"), run=_switch(DISABLED),
        applies=_is(ENABLED, SUSPENDED), danger=True,
        note=gettext_lazy("New parcels are refused until it is enabled; those booked go on."),
    ),
    ReasonedAction(
        name="reset", label=gettext_lazy("reset now"), run=_reset, in_bulk=False,
        applies=lambda quota: not is_elapsed(quota, timezone.now()), danger=True,
    ),
    ReasonedAction(
        name="remove", label=gettext_lazy("remove"), run=_remove, permission="delete",
        in_bulk=False, danger=True,
        note=gettext_lazy("With details it is closed and hidden, else deleted; its ledger stays."),
    ),
)  # fmt: skip
