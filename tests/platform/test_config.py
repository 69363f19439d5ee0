"""The live account by API: secrets go in and never out, what cannot work is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallLog
from tests.factories import AccountFactory
from tests.platform.conftest import Program, program_of, told
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
FULLPARSE = "ADDRLIB_DIV_FULLPARSE"


def settings_of(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "app_key": sandbox.app_key, "app_secret": sandbox.secret(),
        "endpoint_url": sandbox.cainiao_url,
    }  # fmt: skip


def test_before_it_is_set_up_the_defaults_are_shown_without_an_id(admin: Program) -> None:
    data = told(admin.get("/config"))
    assert data["id"] is None
    assert (data["app_secret_set"], data["callback_secret_set"]) == (False, False)
    assert data["endpoint_url"] == "https://link.cainiao.com/gateway/link.do"
    assert (data["mode"], data["sign_method"]) == ("live", "link")
    assert told(admin.post("/config/test"), 422) == "account_missing"
    assert not CainiaoAccount.objects.exists()


def test_it_is_set_up_once_tested_and_told_of(admin: Program, sandbox: Sandbox) -> None:
    data = told(admin.post("/config", settings_of(sandbox)))
    assert (data["app_secret_set"], data["callback_secret_set"]) == (True, False)
    assert "app_secret" not in data
    assert (data["created_by"], data["updated_by"]) == (admin.user.pk, admin.user.pk)
    assert told(admin.get("/config")) == data
    test = told(admin.post("/config/test"))
    assert (test["test_passed"], test["test_error"]) == (True, None)
    assert told(admin.get("/config"))["last_test_at"] == test["last_test_at"] is not None
    call = CallLog.objects.get()
    assert (call.api_method, call.success, call.order_id) == (FULLPARSE, True, None)
    entries = list(LogEntry.objects.order_by("id").values_list("user_id", "change_message"))
    assert [user for user, _ in entries] == [admin.user.pk] * 2
    assert entries[0][1].startswith("新增菜鸟账号；AppKey：— → tonglu-sandbox；AppSecret：")
    assert sandbox.secret() not in entries[0][1]
    assert entries[1][1] == "测试连通：通过"


def test_the_app_key_and_its_secret_are_needed_the_first_time(admin: Program) -> None:
    for given, missing in (
        ({}, {"app_key", "app_secret"}),
        ({"app_key": "k"}, {"app_secret"}),
        ({"app_key": "k", "app_secret": ""}, {"app_secret"}),
    ):
        answer = admin.post("/config", given)
        assert answer.status_code == 400
        assert set(answer.json()["data"]["errors"]) == missing
    assert not CainiaoAccount.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_secret_that_is_not_sent_or_empty_is_kept(admin: Program, sandbox: Sandbox) -> None:
    told(admin.post("/config", {**settings_of(sandbox), "callback_secret": "cb"}))
    told(admin.post("/config", {"provider_id": "RES-1", "app_secret": "", "callback_secret": ""}))
    account = CainiaoAccount.objects.get()
    assert (account.app_secret, account.callback_secret) == (sandbox.secret(), "cb")
    assert account.provider_id == "RES-1"
    told(admin.post("/config", {"callback_secret": " new "}))
    assert CainiaoAccount.objects.get().callback_secret == " new "
    # What is sent again as it was is no change.
    entry = LogEntry.objects.order_by("id").last()
    assert entry is not None
    assert "new" not in entry.change_message


def test_only_the_live_account_is_touched(admin: Program, sandbox: Sandbox) -> None:
    test = AccountFactory(mode="test", app_key="test-key")
    told(admin.post("/config", settings_of(sandbox)))
    assert told(admin.get("/config"))["app_key"] == sandbox.app_key
    test.refresh_from_db()
    assert test.app_key == "test-key"


def test_a_business_refusal_passes_and_a_wrong_secret_does_not(
    admin: Program, sandbox: Sandbox
) -> None:
    told(admin.post("/config", settings_of(sandbox)))
    sandbox.fault(FULLPARSE, "refuse", errorCode="B01", errorMsg="暂停服务")
    assert told(admin.post("/config/test"))["test_passed"] is True
    told(admin.post("/config", {"app_secret": "wrong"}))
    assert told(admin.get("/config"))["test_passed"] is False  # it was of the other secret
    result = told(admin.post("/config/test"))
    assert result["test_passed"] is False
    assert result["test_error"].startswith("[S02]")
    assert CallLog.objects.filter(error_type="auth").count() == 1


@pytest.mark.parametrize("kind", ["drop", "error_500", "malformed", "timeout_before", "drip"])
def test_whatever_the_gateway_does_the_test_ends_with_a_result(
    admin: Program, sandbox: Sandbox, kind: str
) -> None:
    told(admin.post("/config", settings_of(sandbox)))
    sandbox.fault(FULLPARSE, kind, delay_s=5, times=3)
    result = told(admin.post("/config/test"))
    assert result["test_passed"] is False
    assert result["test_error"]


def test_a_change_counts_at_the_next_booking(admin: Program, sandbox: Sandbox) -> None:
    told(admin.post("/config", {**settings_of(sandbox), "app_secret": "wrong"}))
    text = {"address_text": "浙江省杭州市余杭区文一西路969号"}
    assert told(admin.post("/address/parse", text), 422) == "carrier_refused"
    told(admin.post("/config", {"app_secret": sandbox.secret()}))
    assert told(admin.post("/address/parse", text))["city"] == "杭州市"
    told(admin.post("/config", {"status": "disabled"}))
    assert told(admin.post("/address/parse", text), 422) == "account_missing"
    # It can be tried before it is enabled again.
    assert told(admin.post("/config/test"))["test_passed"] is True


def test_loopback_is_refused_where_it_is_not_allowed(
    admin: Program, sandbox: Sandbox, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    answer = admin.post("/config", settings_of(sandbox))
    assert answer.status_code == 400
    assert "endpoint_url" in answer.json()["data"]["errors"]
    assert not CainiaoAccount.objects.exists()


def test_who_may_not_change_it_sees_no_authorisation_token(
    admin: Program, sandbox: Sandbox
) -> None:
    tokens = {
        "provider_id": "merchant-token",
        "question_fields": {"query": {"licence": "=literal-token", "no": "order_no"}},
    }
    told(admin.post("/config", {**settings_of(sandbox), **tokens}))
    assert told(admin.get("/config")).items() >= tokens.items()
    shown = told(program_of("auditor").get("/config"))
    assert shown["provider_id"] == "***"
    assert shown["question_fields"] == {"query": {"licence": "=…", "no": "order_no"}}
    assert "-token" not in LogEntry.objects.get().change_message


def test_two_operators_setting_it_up_at_once_make_one_account(
    admin: Program, sandbox: Sandbox
) -> None:
    programs = [admin, program_of("superuser")]
    answers = race(
        [lambda p=p: p.post("/config", settings_of(sandbox)).status_code for p in programs]
    )
    assert answers == [200, 200]
    assert CainiaoAccount.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("endpoint_url", "https://user:word@link.cainiao.com/gateway/link.do"),
        ("endpoint_url", "https://link.cainiao.com/gate way"),
        ("endpoint_url", "https://link.cainiao.com/\u200b"),
        ("callback_url", "not a url"),
        ("callback_url", "ftp://tonglu.example.com/callback"),
        ("callback_url", "https://tonglu.example.com:x/callback"),
    ],
)
def test_an_address_that_is_none_is_refused_by_name(
    admin: Program, sandbox: Sandbox, name: str, url: str
) -> None:
    told(admin.post("/config", settings_of(sandbox)))
    before = CainiaoAccount.objects.values().get()
    answer = admin.post("/config", {name: url, "provider_id": "other"})
    assert (answer.status_code, set(answer.json()["data"]["errors"])) == (400, {name})
    assert CainiaoAccount.objects.values().get() == before


def test_an_old_address_that_is_none_does_not_block_other_settings(
    admin: Program, sandbox: Sandbox
) -> None:
    told(admin.post("/config", settings_of(sandbox)))
    CainiaoAccount.objects.update(callback_url="to be told")
    assert told(admin.post("/config", {"status": "disabled"}))["status"] == "disabled"
    told(admin.post("/config", {"callback_url": "to be told", "status": "enabled"}))
    assert told(admin.post("/config", {"callback_url": ""}))["callback_url"] is None


@pytest.mark.parametrize(
    ("kind", "says"),
    [("bad_auth", "签名方式"), ("drop", "接入点地址与网络"), ("error_500", "稍后重试")],
)
def test_a_test_that_failed_says_what_to_do(
    admin: Program, sandbox: Sandbox, kind: str, says: str
) -> None:
    told(admin.post("/config", settings_of(sandbox)))
    sandbox.fault(FULLPARSE, kind, times=3)
    assert says in told(admin.post("/config/test"))["test_error"]


def test_keys_the_carrier_refuses_are_named_as_what_to_look_at(
    admin: Program, sandbox: Sandbox
) -> None:
    told(admin.post("/config", {**settings_of(sandbox), "app_secret": "wrong"}))
    answer = admin.post("/address/parse", {"address_text": "浙江省杭州市余杭区文一西路969号"})
    assert told(answer, 422) == "carrier_refused"
    assert "请核对菜鸟账号的密钥" in answer.json()["message"]
