"""操作记录: who did what to what, with a link while it exists; found without reading all of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Tenant, User
from config.kernel import audit
from tests.console.rows import make_order
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
LIST = "admin:admin_logentry_changelist"


@pytest.fixture
def wang() -> User:
    return User.objects.create_user("wang", is_staff=True)


def shown(browser: Client, **query: Any) -> list[int]:
    return [entry.pk for entry in browser.get(reverse(LIST), query).context["cl"].result_list]


def test_it_says_who_did_what_and_why_newest_first(admin_client: Client, wang: User) -> None:
    order = make_order()
    audit.record(
        user=wang, row=order, what="继续处理", changes={"cp_code": ("YTO", "ZTO")}, why="改派"
    )
    audit.record(user=wang, row=order, what="取消")
    page = admin_client.get(reverse(LIST))
    entries = page.context["cl"].result_list
    assert entries[0].change_message == "取消"
    text = page.content.decode()
    for word in ("wang", "YTO → ZTO", "改派", order.order_no):
        assert word in text
    assert reverse("admin:logistics_expressorder_change", args=[order.pk]) in text
    one = admin_client.get(reverse("admin:admin_logentry_change", args=[entries[0].pk]))
    assert order.order_no in one.content.decode()


def test_what_is_gone_has_a_name_and_no_link(admin_client: Client, wang: User) -> None:
    tenant = TenantFactory(name="已撤的租户")
    audit.record(user=wang, row=tenant, what="改名")
    audit.record(user=wang, row=tenant, what="删除", flag=DELETION)
    LogEntry.objects.create(user=wang, object_id="7", object_repr="无类型的", action_flag=2)
    Tenant.objects.filter(pk=tenant.pk).delete()
    text = admin_client.get(reverse(LIST)).content.decode()
    table = text[text.index('id="result_list"') :]
    assert table.count("已撤的租户") == 2
    assert "无类型的" in table
    assert f"/tenant/{tenant.pk}/" not in table


def test_it_is_narrowed_by_operator_kind_and_id(admin_client: Client, wang: User) -> None:
    other = User.objects.create_user("li", is_staff=True)
    order, tenant = make_order(), TenantFactory()
    audit.record(user=wang, row=order, what="a")
    audit.record(user=other, row=order, what="b")
    audit.record(user=other, row=tenant, what="c")
    a, b, c = LogEntry.objects.order_by("pk").values_list("pk", flat=True)
    kind = ContentType.objects.get_for_model(Tenant).pk
    assert shown(admin_client, by=other.pk) == [c, b]
    assert shown(admin_client, of=kind) == [c]
    assert shown(admin_client, by=wang.pk, of=kind) == []
    assert set(shown(admin_client, q=str(order.pk))) >= {a, b}
    assert shown(admin_client, q="999999999") == []
    for nonsense in ({"by": "x"}, {"of": "²"}, {"q": "'"}, {"by": "9" * 40}):
        assert admin_client.get(reverse(LIST), nonsense).status_code == 200


def test_a_users_list_of_operators_has_no_other_people(admin_client: Client, wang: User) -> None:
    User.objects.create_user("a-mini-program-user")
    text = admin_client.get(reverse(LIST)).content.decode()
    assert re.search(r'\?by=\d+">wang<', text)
    assert "a-mini-program-user" not in text


def test_the_page_asks_as_much_for_fifty_rows_as_for_five(admin_client: Client, wang: User) -> None:
    def cost(rows: int) -> int:
        for _ in range(rows):
            audit.record(user=wang, row=make_order(), what="x")
            audit.record(user=wang, row=TenantFactory(), what="y")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            admin_client.get(reverse(LIST))
        return len(asked)

    assert cost(3) == cost(25)


def test_nobody_rewrites_it(admin_client: Client, wang: User) -> None:
    audit.record(user=wang, row=make_order(), what="x")
    entry = LogEntry.objects.get()
    change = reverse("admin:admin_logentry_change", args=[entry.pk])
    delete = reverse("admin:admin_logentry_delete", args=[entry.pk])
    add = reverse("admin:admin_logentry_add")
    for address in (change, delete, add):
        assert admin_client.post(address, {"change_message": "y", "post": "yes"}).status_code == 403
    everything = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    admin_client.post(reverse(LIST), everything)
    assert LogEntry.objects.get().change_message == "x"
