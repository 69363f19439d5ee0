"""What would apply to a parcel as it is written down now: rule, sender, account, quota.

Shown beside the create page's form; booking decides by its own reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.errors import TenantSuspended
from accounts.queries import TenantInfo, tenant_by_code, tenant_by_id
from config.kernel.errors import Missing, Refusal
from logistics.carriers.base import Place
from logistics.errors import AccountMissing, RuleMissing
from logistics.models import ExpressRule
from logistics.services.accounts import account_for
from logistics.services.rules import default_rule, rule_for
from quotas.errors import QuotaDisabled, QuotaExhausted, QuotaMissing, QuotaSuspended
from quotas.queries import quota_as_of
from quotas.states import QuotaStatus

if TYPE_CHECKING:
    from quotas.models import TenantQuota

LONGEST_ID = 19  # digits of a number that no column holds
_OFF: dict[str, type[Refusal]] = {
    QuotaStatus.DISABLED: QuotaDisabled,
    QuotaStatus.SUSPENDED: QuotaSuspended,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """`sender_*` are what the rule supplies; `place` is where a courier would be sent from it."""

    cp_code: str
    rule: ExpressRule | None
    sender_name: str
    sender_phone: str
    place: Place
    tenant: TenantInfo | None
    quota: TenantQuota | None
    warnings: tuple[str, ...]

    @property
    def sender_address(self) -> str:
        """The rule's address in one line."""
        place = self.place
        return f"{place.province}{place.city}{place.district}{place.town}{place.detail}"


def terms_for(data: Mapping[str, Any], *, at: datetime) -> Terms:
    """What would apply to the entries of the form, judged or not."""
    cp_code = str(data.get("cp_code") or "").strip()
    rule = rule_for(cp_code=cp_code)
    default = default_rule()
    place = _place(next((r for r in (rule, default) if r and r.sender_address), None))
    name, phone = (_either(rule, default, f"sender_{part}") for part in ("name", "phone"))
    tenant = _tenant(data)
    quota, short = _quota(tenant, at)
    supplied = {
        "cp_code": cp_code or (rule.cp_code if rule else ""),
        "sender_name": name,
        "sender_phone": phone,
        "sender_address": place.detail,
    }
    missing = "、".join(_missing(data, supplied))
    return Terms(
        cp_code=supplied["cp_code"],
        rule=rule,
        sender_name=name,
        sender_phone=phone,
        place=place,
        tenant=tenant,
        quota=quota,
        warnings=(*_account(), *((RuleMissing(missing=missing).text,) if missing else ()), *short),
    )


def tenant_named(data: Mapping[str, Any]) -> TenantInfo | None:
    """The tenant the entries name, by key or, where no script runs, by code; None: the platform.

    :raises Missing: there is no such tenant.
    """
    key, code = str(data.get("tenant") or ""), str(data.get("tenant_code") or "").strip()
    if key:
        if not (key.isascii() and key.isdigit() and len(key) < LONGEST_ID):
            raise Missing
        return tenant_by_id(int(key))
    return tenant_by_code(code) if code else None


def _tenant(data: Mapping[str, Any]) -> TenantInfo | None:
    try:
        return tenant_named(data)
    except Missing:
        return None


def _place(rule: ExpressRule | None) -> Place:
    if rule is None:
        return Place()
    return Place(
        rule.sender_province or "",
        rule.sender_city or "",
        rule.sender_district or "",
        rule.sender_town or "",
        rule.sender_address or "",
    )


def _either(rule: ExpressRule | None, default: ExpressRule | None, column: str) -> str:
    return getattr(rule, column, None) or getattr(default, column, None) or ""


_LABELS = {
    "cp_code": "快递公司",
    "sender_name": "寄件人姓名",
    "sender_phone": "寄件人电话",
    "sender_address": "寄件地址",
}


def _missing(data: Mapping[str, Any], supplied: Mapping[str, str]) -> Iterator[str]:
    for name, label in _LABELS.items():
        if not (supplied[name] or str(data.get(name) or "").strip()):
            yield label


def _account() -> tuple[str, ...]:
    try:
        account_for(is_test=False)
    except AccountMissing as exc:
        return (exc.text,)
    return ()


def _quota(tenant: TenantInfo | None, at: datetime) -> tuple[TenantQuota | None, tuple[str, ...]]:
    """The tenant's quota, and why the next parcel would be refused, if it would."""
    if tenant is None:
        return None, ()
    warnings = [TenantSuspended().text] if tenant.suspended else []
    try:
        quota = quota_as_of(tenant_id=tenant.id, at=at)
    except QuotaMissing as exc:
        return None, (*warnings, exc.text)
    if quota.status in _OFF:
        warnings.append(_OFF[quota.status]().text)
    elif not (quota.free_left or quota.overage_enabled):
        warnings.append(QuotaExhausted().text)
    return quota, tuple(warnings)
