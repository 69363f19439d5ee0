"""The sidebar: the seed's groups in the seed's order, each model once, each to whom it is for."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.services.operators import create_operator
from config.console.navigation import GROUPS, Page, arranged, listed_models

pytestmark = pytest.mark.django_db


def console_of(role: str) -> Client:
    user, _ = create_operator(username=role, role=role, password="long-enough-9")
    browser = Client()
    browser.force_login(user)
    return browser


def names(browser: Client) -> dict[str, list[str]]:
    """The sidebar of the home page: group → lines."""
    groups = browser.get("/admin/").context["available_apps"]
    with translation.override("zh-hans"):
        return {str(g["name"]): [str(m["name"]) for m in g["models"]] for g in groups}


def test_every_registered_model_stands_in_exactly_one_group() -> None:
    registered = Counter(model._meta.label for model in admin.site._registry)
    assert Counter(listed_models()) == registered


def test_a_model_that_stands_in_no_group_is_shown_behind_them() -> None:
    stray = {"object_name": "Stray", "name": "Stray", "admin_url": "/x/"}
    *_, last = arranged({"x.Stray": stray}, User(is_superuser=True))
    assert (last["app_label"], last["models"]) == ("other", [stray])


def test_every_page_of_the_table_opens_for_who_may(admin_client: Client) -> None:
    pages = [e for group in GROUPS for e in group.entries if isinstance(e, Page)]
    assert pages
    for page in pages:
        assert admin_client.get(reverse(page.url_name)).status_code == 200


def test_the_groups_stand_as_the_seed_draws_them(admin_client: Client) -> None:
    found = names(admin_client)
    assert list(found) == [
        "公司管理", "用户管理", "系统设置", "物流控制台", "配送管理", "统计报表",
    ]  # fmt: skip
    seed = ["菜鸟账号", "快递规则", "快递订单", "租户配额", "调用日志"]
    assert [name for name in found["物流控制台"] if name in seed] == seed
    assert "角色" in found["用户管理"]
    assert {"待办任务", "操作记录", "安全日志"} <= set(found["系统设置"])


def test_a_role_sees_no_line_it_may_not_open() -> None:
    browser = console_of("support")
    found = names(browser)
    assert "操作记录" not in found["系统设置"]
    assert "用户管理" not in found
    assert browser.get(reverse("admin:operator_tokens")).status_code == 403
    assert browser.get(reverse("admin:admin_logentry_changelist")).status_code == 403


def test_every_line_of_every_role_opens() -> None:
    for role in ("platform_admin", "operations", "finance", "support", "auditor"):
        browser = console_of(role)
        for group in browser.get("/admin/").context["available_apps"]:
            for item in group["models"]:
                assert browser.get(item["admin_url"]).status_code == 200, (role, item["name"])


def test_a_page_marks_its_own_line_and_no_other(admin_client: Client) -> None:
    text = admin_client.get(reverse("admin:quotas_tenantquota_changelist")).content.decode()
    sidebar = text[text.index('id="nav-sidebar"') :]
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', sidebar) == [
        reverse("admin:quotas_tenantquota_changelist")
    ]


def test_an_apps_page_shows_the_groups_its_models_stand_in(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:app_list", args=["accounts"]))
    groups = [group["app_label"] for group in page.context["app_list"]]
    assert groups == ["companies", "users", "system"]
    assert admin_client.get(reverse("admin:app_list", args=["quotas"])).status_code == 200


def test_the_sidebar_costs_no_statement_of_its_own(django_assert_max_num_queries: Any) -> None:
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    with django_assert_max_num_queries(0):
        assert admin.site.get_app_list(request)
