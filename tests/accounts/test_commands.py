"""Administrators' commands: exactly one JSON object, safe to run again."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from knox.models import AuthToken

from accounts.models import ApiCredential, Tenant, User
from accounts.states import Role
from quotas.models import TenantQuota

pytestmark = pytest.mark.django_db(transaction=True)


def run(name: str, *args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *args, stdout=out, stderr=io.StringIO())
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    return dict(json.loads(lines[0]))


def test_a_tenant_is_created_with_its_secrets_shown_once() -> None:
    first = run("create_tenant", "--code", "acme", "--name", "甲公司")
    assert set(first) == {
        "platform_code", "api_key", "api_secret", "callback_secret", "api_base_url", "created",
    }  # fmt: skip
    assert first["created"] is True
    assert first["api_key"].startswith("ak_")
    assert first["api_secret"].startswith("sk_")
    assert first["callback_secret"].startswith("whsec_")
    assert first["api_base_url"].endswith("/api/external")
    assert not TenantQuota.objects.exists()
    again = run("create_tenant", "--code", "acme", "--name", "甲公司")
    assert again["api_key"] == first["api_key"]
    assert (again["api_secret"], again["callback_secret"]) == (None, None)
    assert again["created"] is False


def test_rotation_gives_a_second_key_and_a_third_ends_the_oldest() -> None:
    keys = [run("create_tenant", "--code", "acme", "--name", "甲")["api_key"]]
    keys += [
        run("create_tenant", "--code", "acme", "--name", "甲", "--rotate")["api_key"]
        for _ in range(2)
    ]
    active = ApiCredential.objects.filter(status="active").values_list("key_id", flat=True)
    assert set(active) == set(keys[1:])


def test_options_given_later_are_applied() -> None:
    run("create_tenant", "--code", "acme", "--name", "甲")
    run(
        "create_tenant", "--code", "acme", "--name", "乙", "--monthly-free-quota", "7",
        "--overage-price", "1.50", "--callback-url", "https://hook.example.com/x",
        "--callback-host", "other.example.com",
    )  # fmt: skip
    tenant = Tenant.objects.get()
    quota = TenantQuota.objects.get()
    assert tenant.name == quota.tenant_name == "乙"
    assert tenant.callback_hosts == ["other.example.com", "hook.example.com"]
    assert (quota.monthly_free_quota, quota.overage_enabled) == (7, True)
    assert str(quota.overage_price) == "1.50"


def test_limits_are_applied_kept_and_taken_away() -> None:
    tenant = ("create_tenant", "--code", "acme", "--name", "甲")
    limits = (
        "--callback-ack", "http", "--external-address", "203.0.113.0/24",
        "--external-address", "198.51.100.7", "--requests-per-minute", "60",
    )  # fmt: skip
    run(*tenant, *limits)
    run(*tenant)
    row = Tenant.objects.get()
    assert (row.callback_ack, row.requests_per_minute) == ("http", 60)
    assert row.external_addresses == ["203.0.113.0/24", "198.51.100.7"]
    run(*tenant, "--external-address", "198.51.100.8", "--requests-per-minute", "0")
    row.refresh_from_db()
    assert (row.external_addresses, row.requests_per_minute) == (["198.51.100.8"], None)
    with pytest.raises(CommandError):
        run(*tenant, "--external-address", "nowhere")
    for wrong in ("-5", "1000001"):
        with pytest.raises(CommandError, match="不限流请填 0，沿用原设置则不给此选项") as refused:
            run(*tenant, "--requests-per-minute", wrong)
        assert "留空" not in str(refused.value)


def test_a_test_mode_key_stands_beside_the_live_one() -> None:
    live = run("create_tenant", "--code", "acme", "--name", "甲")
    test = run("create_tenant", "--code", "acme", "--name", "甲", "--test-mode")
    assert test["api_key"] != live["api_key"]
    assert test["api_secret"] is not None
    assert run("create_tenant", "--code", "acme", "--name", "甲")["api_key"] == live["api_key"]


def test_a_dry_run_writes_nothing() -> None:
    run("create_tenant", "--code", "acme", "--name", "甲", "--dry-run")
    assert not Tenant.objects.exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--code", "有空格 的", "--name", "甲"],
        ["--code", "acme", "--name", " "],
        ["--code", "acme", "--name", "甲", "--callback-url", "ftp://x.example.com"],
        ["--code", "acme", "--name", "甲", "--callback-url", "http://x.example.com"],
        ["--code", "acme", "--name", "甲", "--monthly-free-quota", "-1"],
        ["--code", "acme", "--name", "甲", "--overage-price", "0.001"],
        ["--code", "acme", "--name", "甲", "--overage-price", "NaN"],
    ],
)
def test_a_bad_option_is_refused_and_nothing_written(options: list[str]) -> None:
    with pytest.raises(CommandError):
        run("create_tenant", *options)
    assert not Tenant.objects.exists()


def test_secrets_are_encrypted_at_rest() -> None:
    from django.db import connection

    made = run("create_tenant", "--code", "acme", "--name", "甲")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_credential")
        stored = bytes(cursor.fetchone()[0])
    assert made["api_secret"].encode() not in stored
    assert ApiCredential.objects.get().secret == made["api_secret"]


def test_an_operator_holds_one_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "long-enough-9")
    made = run("create_operator", "--username", "wang", "--role", "auditor", "--token")
    assert set(made) == {"username", "role", "token", "expires_at"}
    assert made["token"]
    run("create_operator", "--username", "wang", "--role", "finance")
    user = User.objects.get()
    assert user.is_staff
    assert list(user.groups.values_list("name", flat=True)) == ["财务"]
    assert run("create_operator", "--username", "wang", "--role", "finance")["token"] is None


def test_who_was_shut_out_is_let_in_with_nothing_left_of_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "long-enough-9")
    run("create_operator", "--username", "wang", "--role", "auditor", "--token")
    user, browser = User.objects.get(), Client()
    browser.force_login(user)
    monkeypatch.delenv("TONGLU_PASSWORD")
    run("create_operator", "--username", "wang", "--role", "auditor")
    assert AuthToken.objects.count() == 1
    assert browser.get("/admin/").status_code == 200
    User.objects.update(is_active=False)
    made = run("create_operator", "--username", "wang", "--role", "auditor", "--token")
    assert made["token"]
    assert AuthToken.objects.count() == 1
    assert browser.get("/admin/").status_code == 302


def test_another_password_ends_the_tokens_got_with_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "long-enough-9")
    run("create_operator", "--username", "wang", "--role", "auditor", "--token")
    run("create_operator", "--username", "wang", "--role", "auditor")
    assert AuthToken.objects.count() == 1
    monkeypatch.setenv("TONGLU_PASSWORD", "another-long-10")
    run("create_operator", "--username", "wang", "--role", "auditor")
    assert not AuthToken.objects.exists()


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "12345678")
    with pytest.raises(CommandError):
        run("create_operator", "--username", "wang", "--role", "auditor")
    assert not User.objects.exists()


def test_roles_are_synced_again_and_again() -> None:
    first = run("sync_roles", "--json")
    assert run("sync_roles", "--json") == first
    assert set(first) == set(Role.values)
    assert Group.objects.count() == len(Role)
    auditor = Group.objects.get(name="审计")
    assert auditor.permissions.exists()
    assert not auditor.permissions.exclude(codename__startswith="view_").exists()


def test_a_price_alone_makes_no_quota_and_a_dry_run_shows_no_secret() -> None:
    run("create_tenant", "--code", "acme", "--name", "甲", "--overage-price", "2.5")
    assert not TenantQuota.objects.exists()
    shown = run("create_tenant", "--code", "new", "--name", "乙", "--dry-run")
    assert (shown["api_secret"], shown["callback_secret"]) == (None, None)


@pytest.mark.parametrize(
    "call",
    [
        ("create_tenant", "--code", "\udcff", "--name", "x"),
        ("create_tenant", "--code", "x", "--name", "\udcff"),
        ("create_tenant", "--code", "x", "--name", "x", "--callback-host", "\udcff"),
        ("create_operator", "--username", "\udcff", "--role", "support"),
        ("check_quotas", "--tenant", "\udcff"),
        ("decide_order", "\udcff", "--happened"),
        ("resume_order", "x", "--set", "remark=\udcff"),
    ],
    ids=lambda call: call[0],
)
def test_bytes_that_are_no_text_are_refused_by_the_options_name(call: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="UTF-8"):
        call_command(*call, stdout=io.StringIO(), stderr=io.StringIO())
    assert not Tenant.objects.exists()


def test_a_price_that_is_no_number_is_refused() -> None:
    with pytest.raises(CommandError, match="金额"):
        call_command("create_tenant", "--code", "x", "--name", "x", "--overage-price", "free")


def test_a_trial_shows_no_token_that_would_open_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "Chun-Jiang-Hua-Yue-7")
    given = ("create_operator", "--username", "mei", "--role", "support", "--token")
    assert run(*given, "--dry-run") == {
        "username": "mei", "role": "support", "token": None, "expires_at": None,
    }  # fmt: skip
    assert not User.objects.exists()
    assert run(*given)["token"]
