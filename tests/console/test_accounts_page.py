"""菜鸟账号: secrets go in and never come out, the connection is tried, wrong columns are named."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.services.operators import create_operator
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallLog
from logistics.services import accounts
from logistics.services.account_settings import save_account
from tests.factories import AccountFactory
from tests.logistics.conftest import account, sandbox, world  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "admin:logistics_cainiaoaccount_add"
FIELDS = {
    "mode": "live", "app_key": "k", "app_secret": "s3cret-of-ours", "sign_method": "link",
    "endpoint_url": "https://link.cainiao.com/gateway/link.do", "message_names": "{}",
    "question_fields": "{}", "answer_fields": "{}", "status_map": "{}", "retry_codes": "[]",
    "not_found_codes": "[]",
}  # fmt: skip


def page_url(row: CainiaoAccount) -> str:
    return reverse("admin:logistics_cainiaoaccount_change", args=[row.pk])


def act(client: Client, row: CainiaoAccount, action: str, **values: str) -> str:
    url = reverse("admin:logistics_cainiaoaccount_act", args=[row.pk, action])
    page = client.post(url, values, follow=True)
    assert page.status_code == 200
    return str(page.content.decode())


def errors_of(page: Any) -> dict[str, Any]:
    assert page.status_code == 200
    found: dict[str, Any] = page.context["adminform"].form.errors
    return found


def operator(role: str) -> Client:
    create_operator(username=role, role=role, password="a-long-passphrase-1")
    client = Client()
    assert client.login(username=role, password="a-long-passphrase-1")
    return client


def opened(client: Client, row: CainiaoAccount) -> dict[str, Any]:
    """What the browser would send back unchanged."""
    form = client.get(page_url(row)).context["adminform"].form
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        sent[bound.html_name] = "" if value is None else value
        if bound.field.show_hidden_initial:
            sent[bound.html_initial_name] = sent[bound.html_name]
    return {name: value for name, value in sent.items() if value is not False}


def test_an_account_says_who_made_it_and_who_changed_it(
    admin_client: Client, admin_user: Any
) -> None:
    assert admin_client.post(reverse(ADD), FIELDS).status_code == 302
    row = CainiaoAccount.objects.get()
    assert (row.created_by, row.updated_by, row.status) == (admin_user.pk,) * 2 + ("enabled",)
    assert admin_client.post(page_url(row), opened(admin_client, row) | {"app_key": "k2"})
    row.refresh_from_db()
    assert (row.app_key, row.app_secret) == ("k2", "s3cret-of-ours")
    changed = LogEntry.objects.filter(object_id=str(row.pk)).order_by("id")
    assert "AppKey：k → k2" in changed[1].change_message


def test_a_secret_is_replaced_and_never_shown_in_page_history_or_errors(
    admin_client: Client,
) -> None:
    admin_client.post(reverse(ADD), FIELDS | {"callback_secret": "cb-secret"})
    row = CainiaoAccount.objects.get()
    sent = opened(admin_client, row) | {"app_secret": "brand-new-one"}
    admin_client.post(page_url(row), sent)
    wrong = admin_client.post(page_url(row), sent | {"status_map": "[]x", "app_secret": "typed"})
    row.refresh_from_db()
    assert (row.app_secret, row.callback_secret) == ("brand-new-one", "cb-secret")
    messages = "".join(LogEntry.objects.values_list("change_message", flat=True))
    assert "AppSecret：已更换" in messages
    history = reverse("admin:logistics_cainiaoaccount_history", args=[row.pk])
    shown = [admin_client.get(url).content.decode() for url in (page_url(row), history)]
    for text in (messages, wrong.content.decode(), *shown):
        for secret in ("s3cret-of-ours", "brand-new-one", "cb-secret", "typed"):
            assert secret not in text
    assert "留空则保持不变" in shown[0]


def test_what_may_be_a_token_is_not_quoted_in_the_history(admin_client: Client) -> None:
    row = AccountFactory()
    changed = {"provider_id": "token-1", "question_fields": '{"query": {"licence": "=token-2"}}'}
    answer = admin_client.post(page_url(row), opened(admin_client, row) | changed)
    assert answer.status_code == 302
    message = LogEntry.objects.get(object_id=str(row.pk)).change_message
    assert message == "调用方编码（logistic_provider_id）：已更换；请求字段：已更换"
    assert "token-" not in message


@pytest.mark.parametrize("role", ["auditor", "support", "finance", "operations"])
def test_who_may_only_look_sees_that_secrets_are_set_and_changes_nothing(role: str) -> None:
    row = AccountFactory(
        app_secret="s3cret-of-ours", callback_secret="cb-secret", provider_id="token-1",
        question_fields={"query": {"token": "=token-2"}},
    )  # fmt: skip
    client = operator(role)
    text = client.get(page_url(row)).content.decode()
    assert "AppSecret：已设置" in text
    for secret in ("s3cret-of-ours", "cb-secret", "token-1", "token-2"):
        assert secret not in text
    # Whoever books parcels may try the account, as by API; nobody here may switch it.
    hidden = ("enable", "disable") if role == "operations" else ("test", "enable", "disable")
    assert ("act/test/" in text) == (role == "operations")
    assert client.post(page_url(row), FIELDS).status_code == 403
    for action in hidden:
        assert f"act/{action}/" not in text
        url = reverse("admin:logistics_cainiaoaccount_act", args=[row.pk, action])
        assert client.post(url, {"reason": "x"}).status_code == 403
    row.refresh_from_db()
    assert (row.app_key, row.status) == ("test-app", "enabled")
    assert not CallLog.objects.exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("app_secret", ""),
        ("endpoint_url", "https://evil.example.com/x"),
        ("endpoint_url", "ftp://link.cainiao.com/x"),
        ("message_names", '{"nonsense": "X"}'),
        ("question_fields", '{"query": {"no": "no_such_source"}}'),
        ("answer_fields", '{"query": {"nonsense": "x"}}'),
        ("status_map", '{"1000": "gone"}'),
        ("status_map", "[1"),
        ("retry_codes", '"B98"'),
        ("not_found_codes", '{"a": 1}'),
        ("mode", "other"),
    ],
)
def test_a_column_no_call_could_be_made_with_is_named_and_what_was_typed_kept(
    admin_client: Client, column: str, value: str
) -> None:
    page = admin_client.post(reverse(ADD), FIELDS | {column: value})
    assert set(errors_of(page)) == {column}
    form = page.context["adminform"].form
    assert form["app_key"].value() == "k"
    if column != "app_secret":
        assert form[column].data == value
    assert not CainiaoAccount.objects.exists()


def test_a_second_account_of_a_mode_is_refused_kindly_and_one_for_tests_is_not(
    admin_client: Client,
) -> None:
    AccountFactory()
    errors = errors_of(admin_client.post(reverse(ADD), FIELDS))
    assert "已经存在" in str(errors["mode"])
    assert admin_client.post(reverse(ADD), FIELDS | {"mode": "test"}).status_code == 302
    assert sorted(CainiaoAccount.objects.values_list("mode", flat=True)) == ["live", "test"]


def test_of_two_operators_on_one_account_the_second_is_told(admin_client: Client) -> None:
    row = AccountFactory()
    sent = opened(admin_client, row)
    save_account(mode="live", values={"app_key": "theirs"}, by=None)
    errors = errors_of(admin_client.post(page_url(row), sent | {"app_key": "mine"}))
    assert "theirs" in str(errors["app_key"])
    row.refresh_from_db()
    assert row.app_key == "theirs"
    # What somebody else did not touch is saved beside theirs.
    page = admin_client.post(page_url(row), sent | {"callback_url": "https://us.example.com/cb"})
    assert page.status_code == 302
    row.refresh_from_db()
    assert (row.app_key, row.callback_url) == ("theirs", "https://us.example.com/cb")


def test_a_connection_that_works_says_so_with_its_time(
    admin_client: Client,
    account: CainiaoAccount,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "DEADLINE_SECONDS", 10.0)
    text = act(admin_client, account, "test")
    assert "连通测试：通过，用时" in text
    account.refresh_from_db()
    assert account.test_passed
    assert account.last_test_at is not None
    assert CallLog.objects.get().success
    assert "连通测试：通过" in LogEntry.objects.get().change_message


def test_keys_that_are_refused_say_what_the_gateway_said(
    admin_client: Client,
    account: CainiaoAccount,  # noqa: F811
    sandbox: Sandbox,  # noqa: F811
) -> None:
    save_account(mode="live", values={"app_secret": "not-theirs"}, by=None)
    text = act(admin_client, account, "test")
    account.refresh_from_db()
    assert not account.test_passed
    assert account.test_error
    assert "连通测试未通过" in text
    assert account.test_error in text
    assert "not-theirs" not in text
    assert "连通测试：未通过" in LogEntry.objects.get().change_message


def test_an_account_nobody_answers_for_is_told_of_and_nothing_breaks(admin_client: Client) -> None:
    row = AccountFactory(endpoint_url="http://127.0.0.1:9/cainiao/gateway/link.do")
    text = act(admin_client, row, "test")
    assert "连通测试未通过" in text
    row.refresh_from_db()
    assert (row.test_passed, bool(row.test_error)) == (False, True)


def test_an_account_is_switched_off_and_on_with_a_reason(admin_client: Client) -> None:
    row = AccountFactory()
    url = reverse("admin:logistics_cainiaoaccount_act", args=[row.pk, "disable"])
    assert "errors" in admin_client.post(url, {"reason": ""}).content.decode()
    row.refresh_from_db()
    assert row.status == "enabled"
    act(admin_client, row, "disable", reason="换密钥")
    row.refresh_from_db()
    assert row.status == "disabled"
    assert "已经是" in act(admin_client, row, "disable", reason="再来一次")
    act(admin_client, row, "enable", reason="换好了")
    row.refresh_from_db()
    assert row.status == "enabled"
    told = LogEntry.objects.order_by("id").values_list("change_message", flat=True)
    assert [("换密钥" in text, "换好了" in text) for text in told] == [(True, False), (False, True)]


def test_an_account_keeps_its_mode_and_is_never_deleted(admin_client: Client) -> None:
    row = AccountFactory()
    sent = opened(admin_client, row) | {"mode": "test", "status": "disabled"}
    assert admin_client.post(page_url(row), sent).status_code == 302
    url = reverse("admin:logistics_cainiaoaccount_delete", args=[row.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert (row.mode, row.status) == ("live", "enabled")


def test_what_is_in_effect_is_shown_with_the_defaults(admin_client: Client) -> None:
    row = AccountFactory(message_names={"query": "OUR_QUERY"}, status_map={"77": "signed"})
    text = admin_client.get(page_url(row)).content.decode()
    for word in ("OUR_QUERY", "TMS_WAYBILL_GET", "&quot;77&quot;: &quot;signed&quot;"):
        assert word in text
