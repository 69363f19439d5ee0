"""`/config`: the live account. Its secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from accounts.states import Mode
from config.kernel import audit
from config.kernel.api.pagination import known_parameters
from config.kernel.api.serializers import (
    NothingInput,
    StrictBooleanField,
    StrictCharField,
    StrictSerializer,
)
from config.kernel.masking import mask_secret
from config.kernel.work.claims import again_if_deadlocked
from logistics.carriers.cainiao.fields import without_literals
from logistics.errors import AccountMissing
from logistics.models import CainiaoAccount
from logistics.queries.platform import live_account
from logistics.services.account_settings import SECRETS, save_account, test_account
from logistics.states import SwitchStatus

VIEW, CHANGE = "logistics.view_cainiaoaccount", "logistics.change_cainiaoaccount"
# Whoever books parcels may try the account that they travel with.
TEST = "logistics.add_expressorder"


class ConfigInput(StrictSerializer):
    """What is set; what is not sent stays, an empty secret is not sent."""

    app_key = StrictCharField(max_length=200, required=False)
    app_secret = StrictCharField(
        max_length=500, required=False, allow_blank=True, trim_whitespace=False
    )
    endpoint_url = StrictCharField(
        max_length=500, required=False, allow_blank=True, allow_null=True
    )
    sign_method = serializers.ChoiceField(choices=("link", "md5", "hmac"), required=False)
    callback_url = StrictCharField(
        max_length=500, required=False, allow_blank=True, allow_null=True
    )
    callback_secret = StrictCharField(
        max_length=200, required=False, allow_blank=True, trim_whitespace=False
    )
    status = serializers.ChoiceField(choices=SwitchStatus.choices, required=False)
    provider_id = StrictCharField(max_length=200, required=False, allow_blank=True)
    waybill_at_order = StrictBooleanField(required=False)
    message_names = serializers.DictField(required=False)
    question_fields = serializers.DictField(required=False)
    answer_fields = serializers.DictField(required=False)
    status_map = serializers.DictField(required=False)
    retry_codes = serializers.ListField(child=serializers.JSONField(), required=False)
    not_found_codes = serializers.ListField(child=serializers.JSONField(), required=False)


class ConfigOutput(serializers.Serializer[Any]):
    """The live account without its secrets; `id` is null until it is set up."""

    id = serializers.IntegerField(allow_null=True)
    mode = serializers.CharField()
    app_key = serializers.CharField(allow_blank=True)
    app_secret_set = serializers.SerializerMethodField()
    callback_secret_set = serializers.SerializerMethodField()
    endpoint_url = serializers.CharField(allow_null=True)
    sign_method = serializers.CharField(allow_null=True)
    callback_url = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    test_passed = serializers.BooleanField()
    last_test_at = serializers.DateTimeField(allow_null=True)
    test_error = serializers.CharField(allow_null=True)
    provider_id = serializers.CharField(allow_blank=True)
    waybill_at_order = serializers.BooleanField()
    message_names = serializers.DictField()
    question_fields = serializers.DictField()
    answer_fields = serializers.DictField()
    status_map = serializers.DictField()
    retry_codes = serializers.ListField(child=serializers.JSONField())
    not_found_codes = serializers.ListField(child=serializers.JSONField())
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.IntegerField(allow_null=True)
    updated_by = serializers.IntegerField(allow_null=True)

    def get_app_secret_set(self, account: CainiaoAccount) -> bool:
        """Whether there is one."""
        return bool(account.app_secret)

    def get_callback_secret_set(self, account: CainiaoAccount) -> bool:
        """Whether callbacks are signed with a secret of their own."""
        return bool(account.callback_secret)


class TestOutput(serializers.Serializer[Any]):
    """What became of the test."""

    test_passed = serializers.BooleanField()
    last_test_at = serializers.DateTimeField(allow_null=True)
    test_error = serializers.CharField(allow_null=True)


class ConfigView(OperatorDoor):
    """Read and set the live account."""

    needs = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(operation_id="get_cainiao_config", responses={200: ConfigOutput})
    def get(self, request: Request) -> Response:
        """The defaults, with `id` null, until it is set up."""
        known_parameters(request.query_params)
        return Response(self.shown(live_account() or CainiaoAccount(mode=Mode.LIVE)))

    @extend_schema(
        operation_id="save_cainiao_config", request=ConfigInput, responses={200: ConfigOutput}
    )
    def post(self, request: Request) -> Response:
        """Set it up, or change what is sent; secrets that are not sent stay."""
        values = self.body(request, ConfigInput)
        return Response(self.shown(again_if_deadlocked(lambda: self.save(values))))

    def save(self, values: dict[str, Any]) -> CainiaoAccount:
        """Save it, and keep who did, in one transaction."""
        with transaction.atomic():
            before = live_account()
            old = audit.snapshot(before) if before else {}
            account = save_account(mode=Mode.LIVE, values=values, by=self.operator.pk)
            audit.record(
                user=self.operator,
                row=account,
                what="保存菜鸟账号" if before else "新增菜鸟账号",
                changes=_told(audit.differences(old, account), values),
                flag=audit.CHANGE if before else audit.ADDITION,
            )
        return account

    def shown(self, account: CainiaoAccount) -> dict[str, Any]:
        """The account; `provider_id` and literals of questions may be an authorisation."""
        values = dict(ConfigOutput(account).data)
        if self.operator.has_perm(CHANGE):
            return values
        if values["provider_id"] and values["provider_id"] != account.app_key:
            values["provider_id"] = mask_secret()
        values["question_fields"] = without_literals(values["question_fields"])
        return values


def _told(changes: audit.Changes, values: dict[str, Any]) -> audit.Changes:
    """What changed of what was sent; a secret that was not sent is no change."""
    return {
        name: pair
        for name, pair in changes.items()
        if name in values and (pair[1] or name not in SECRETS)
    }


class ConfigTestView(OperatorDoor):
    """Try the live account."""

    needs = {"POST": TEST}

    @extend_schema(operation_id="test_cainiao_config", request=None, responses={200: TestOutput})
    def post(self, request: Request) -> Response:
        """Ask the address library one question; the answer says what became of it."""
        self.body(request, NothingInput)
        account = live_account()
        if account is None:
            raise AccountMissing
        account = test_account(account_id=account.pk, at=timezone.now())
        result = "通过" if account.test_passed else "未通过"
        audit.record(user=self.operator, row=account, what=f"测试连通：{result}")
        return Response(TestOutput(account).data)
