"""Names, phones and addresses are whole for roles that need them, masked for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from config.kernel import audit
from config.kernel.masking import mask_fields, mask_secret, mask_text
from logistics.api.outputs import present_line, present_order
from logistics.models import ExpressOrder, ExpressRule
from logistics.queries.known_values import known_of

REVEAL = "logistics.reveal_expressorder"
_PARTS = ("name", "phone", "town", "address")
_PERSONAL = (
    *(f"{side}_{part}" for side in ("sender", "receiver") for part in _PARTS),
    "courier_name", "courier_phone", "branch_phone",
)  # fmt: skip
_PROSE = (
    "goods_name", "status_desc", "exception_reason", "cancel_reason", "cancel_refused_reason",
    "last_track_desc", "remark", "track_info",
)  # fmt: skip


class RuleOutput(serializers.Serializer[Any]):
    """A rule; its columns."""

    id = serializers.IntegerField()
    rule_name = serializers.CharField()
    cp_code = serializers.CharField()
    cp_name = serializers.CharField(allow_null=True)
    sender_name = serializers.CharField(allow_null=True)
    sender_phone = serializers.CharField(allow_null=True)
    sender_province = serializers.CharField(allow_null=True)
    sender_city = serializers.CharField(allow_null=True)
    sender_district = serializers.CharField(allow_null=True)
    sender_town = serializers.CharField(allow_null=True)
    sender_address = serializers.CharField(allow_null=True)
    service_type = serializers.CharField(allow_null=True)
    pay_method = serializers.CharField(allow_null=True)
    is_default = serializers.BooleanField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def may_reveal(user: Any) -> bool:
    """Whether this operator sees people as they are."""
    return bool(user.has_perm(REVEAL))


def order_shown_to(user: Any) -> Callable[[ExpressOrder], dict[str, Any]]:
    """How an order is shown whole."""
    masked, zone = not may_reveal(user), timezone.get_default_timezone()
    return lambda order: _order_shown(order, present_order(order, zone), masked=masked)


def line_shown_to(user: Any) -> Callable[[ExpressOrder], dict[str, Any]]:
    """How an order is shown in a list."""
    masked, zone = not may_reveal(user), timezone.get_default_timezone()
    return lambda order: _order_shown(order, present_line(order, zone), masked=masked)


def record_read(user: Any, order: ExpressOrder) -> None:
    """On record, where this operator sees the order's people as they are."""
    if may_reveal(user):
        audit.record(user=user, row=order, what="经接口查看完整收寄件信息")


def record_listed(user: Any, query: Mapping[str, str], count: int) -> None:
    """On record, where this operator sees the people of a page of orders as they are."""
    if count and may_reveal(user):
        asked = " ".join(f"{name}={mask_text(value)}" for name, value in query.items()) or "无"
        what = f"经接口列出 {count} 单的完整收寄件信息；筛选：{asked}"
        audit.record_list(user=user, model=ExpressOrder, what=what)


def rule_shown_to(user: Any) -> Callable[[ExpressRule], dict[str, Any]]:
    """How a rule is shown."""
    masked = not may_reveal(user)
    return lambda rule: _shown(dict(RuleOutput(rule).data), masked=masked)


def _order_shown(order: ExpressOrder, values: dict[str, Any], *, masked: bool) -> dict[str, Any]:
    shown = _shown(values, masked=masked)
    if not masked:
        return shown
    known = known_of(order)
    return shown | {name: known.hide_kept(shown[name]) for name in _PROSE if shown.get(name)}


def _shown(values: dict[str, Any], *, masked: bool) -> dict[str, Any]:
    if not masked:
        return values
    personal = {name: values[name] for name in (*_PERSONAL, *_PROSE) if name in values}
    shown = {**values, **mask_fields(personal)}
    if shown.get("print_data"):
        # The carrier's own text: there is no telling what it names whom.
        shown["print_data"] = mask_secret()
    return shown
