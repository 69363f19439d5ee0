"""`/rules`: what completes an order; at most one is the default one."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from config.kernel import audit
from config.kernel.api.filtering import PAGE_PARAMETERS
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import PAGING, known_parameters, page_of
from config.kernel.api.serializers import (
    PhoneField,
    StrictBooleanField,
    StrictCharField,
    StrictSerializer,
)
from config.kernel.work.claims import again_if_deadlocked
from logistics.api.platform.showing import RuleOutput, rule_shown_to
from logistics.models import ExpressRule
from logistics.queries.platform import rule_shown, rules_shown
from logistics.services.rule_settings import PAY_METHODS, remove_rule, save_rule
from logistics.states import SwitchStatus


def _text(length: int) -> StrictCharField:
    return StrictCharField(max_length=length, required=False, allow_blank=True, allow_null=True)


class RuleChange(StrictSerializer):
    """What is changed; what is not sent stays."""

    rule_name = StrictCharField(max_length=100, required=False)
    cp_code = StrictCharField(max_length=50, required=False, trim_whitespace=False)
    cp_name = _text(100)
    sender_name = _text(100)
    sender_phone = PhoneField(max_length=50, required=False, allow_blank=True, allow_null=True)
    sender_province = _text(50)
    sender_city = _text(50)
    sender_district = _text(50)
    sender_town = _text(50)
    sender_address = _text(500)
    service_type = _text(50)
    pay_method = serializers.ChoiceField(
        choices=PAY_METHODS, required=False, allow_blank=True, allow_null=True
    )
    is_default = StrictBooleanField(required=False)
    status = serializers.ChoiceField(choices=SwitchStatus.choices, required=False)

    def validate_cp_code(self, value: str) -> str:
        """White space is refused: engines compare it differently."""
        if any(character.isspace() for character in value):
            raise serializers.ValidationError("不能含有空白字符。")
        return value


class RuleInput(RuleChange):
    """A new rule."""

    rule_name = StrictCharField(max_length=100)
    cp_code = StrictCharField(max_length=50, trim_whitespace=False)


class RuleRemoved(serializers.Serializer[Any]):
    """`removed`: it is gone; else orders may have used it, and it is kept out of sight."""

    id = serializers.IntegerField()
    removed = serializers.BooleanField()


class RulesView(OperatorDoor):
    """List and add."""

    needs = {"GET": "logistics.view_expressrule", "POST": "logistics.add_expressrule"}

    @extend_schema(
        operation_id="list_express_rules",
        parameters=PAGE_PARAMETERS,
        responses={200: listing("ExpressRules", RuleOutput)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        known_parameters(request.query_params, *PAGING)
        return Response(page_of(rules_shown(), request.query_params, rule_shown_to(self.operator)))

    @extend_schema(
        operation_id="create_express_rule", request=RuleInput, responses={200: RuleOutput}
    )
    def post(self, request: Request) -> Response:
        """Add one; as the default one it takes the mark from the old one."""
        return self.saved(None, self.body(request, RuleInput))

    def saved(self, rule_id: int | None, values: dict[str, Any]) -> Response:
        """Save it, and keep who did, in one transaction; the rule as it is then."""
        rule = again_if_deadlocked(lambda: self._save(rule_id, values))
        return Response(rule_shown_to(self.operator)(rule))

    def _save(self, rule_id: int | None, values: dict[str, Any]) -> ExpressRule:
        with transaction.atomic():
            old = audit.snapshot(rule_shown(rule_id)) if rule_id else None
            rule = save_rule(rule_id=rule_id, values=values)
            changes = audit.differences(old, rule) if old else {}
            changes.pop("default_marker", None)
            audit.record(
                user=self.operator,
                row=rule,
                what="修改快递规则" if old else "新增快递规则",
                changes=changes,
                flag=audit.CHANGE if old else audit.ADDITION,
            )
        return rule


class RuleView(RulesView):
    """Change and remove."""

    needs = {"PUT": "logistics.change_expressrule", "DELETE": "logistics.delete_expressrule"}
    http_method_names = ["put", "delete", "options"]

    @extend_schema(
        operation_id="update_express_rule", request=RuleChange, responses={200: RuleOutput}
    )
    def put(self, request: Request, rule_id: int) -> Response:
        """Change what is sent."""
        return self.saved(rule_id, self.body(request, RuleChange))

    @extend_schema(operation_id="delete_express_rule", responses={200: RuleRemoved})
    def delete(self, request: Request, rule_id: int) -> Response:
        """Remove it, or hide it where orders used it; the default one is refused."""
        removed = again_if_deadlocked(lambda: self._remove(rule_id))
        return Response({"id": rule_id, "removed": removed})

    def _remove(self, rule_id: int) -> bool:
        with transaction.atomic():
            rule = rule_shown(rule_id)
            removed = remove_rule(rule_id=rule_id, at=timezone.now())
            what = "删除快递规则" if removed else "隐藏快递规则"
            audit.record(user=self.operator, row=rule, what=what, flag=audit.DELETION)
        return removed
