"""租户配额: what operators see is as of now, what they do goes by the use cases and is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import find_discrepancies
from tests.factories import QuotaFactory, TenantFactory
from tests.quotas.test_reservation import draw, give_back

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LIST = "admin:quotas_tenantquota_changelist"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def page(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def act(client: Client, quota: TenantQuota, name: str, **fields: Any) -> Any:
    url = reverse("admin:quotas_tenantquota_act", args=[quota.pk, name])
    return client.post(url, {"reason": "按合同", **fields}, follow=True)


def save(client: Client, quota: TenantQuota, seen: dict[str, Any], **given: Any) -> Any:
    fields = {"monthly_free_quota": 100, "overage_price": "0.00", "quota_reset_day": 1, **given}
    carried = {f"initial-{name}": value for name, value in seen.items()}
    url = reverse("admin:quotas_tenantquota_change", args=[quota.pk])
    return client.post(url, {**fields, **carried})


def last_entry() -> str:
    return str(LogEntry.objects.latest("id").change_message)


def make(**more: Any) -> TenantQuota:
    return QuotaFactory(
        **{"period_start": date(2026, 11, 1), "period_end": date(2026, 12, 1)} | more
    )


def test_the_list_shows_used_and_left_as_of_now(admin_client: Client) -> None:
    make(monthly_free_quota=100, monthly_used=87)
    make(monthly_free_quota=50, monthly_used=50, period_end=date(2026, 11, 21))  # over since today
    shown = page(admin_client, LIST)
    assert '<rect class="quota-free" width="139"' in shown  # 87 percent of 160
    assert '<rect class="quota-free" width="0"' in shown
    assert shown.count('<svg class="quota-bar') == 2
    assert "2026-11-21 ～ 2026-12-01" in shown


@pytest.mark.parametrize(
    ("level", "expected"),
    [("plenty", {"plenty", "elapsed", "paid"}), ("nearly", {"nearly", "gone", "none"}),
     ("gone", {"gone", "none"})],
)  # fmt: skip
def test_levels_count_elapsed_periods_as_reset(
    admin_client: Client, level: str, expected: set[str]
) -> None:
    for name, more in {
        "plenty": {"monthly_used": 89},
        "nearly": {"monthly_used": 90},
        "gone": {"monthly_used": 103, "overage_used": 3},
        "elapsed": {"monthly_used": 100, "period_end": date(2026, 11, 21)},
        "paid": {"monthly_free_quota": 0, "overage_enabled": True},
        "none": {"monthly_free_quota": 0},
    }.items():
        make(tenant=TenantFactory(platform_code=name), **more)
    # For a tenant on Hawaii it is still the day before: its period is not over.
    make(tenant=TenantFactory(platform_code="hawaii", time_zone="Pacific/Honolulu"),
         monthly_used=100, period_end=date(2026, 11, 21))  # fmt: skip
    answer = admin_client.get(reverse(LIST), {"left": level})
    found = {row.tenant.platform_code for row in answer.context["cl"].result_list}
    assert found == expected | ({"hawaii"} if level != "plenty" else set())


def test_a_quota_is_found_by_the_beginning_of_code_or_name(admin_client: Client) -> None:
    make(tenant=TenantFactory(platform_code="acme-1", name="桐庐茶业"))
    make(tenant=TenantFactory(platform_code="other", name="圆通"))
    for term, count in (("acme", 1), ("桐庐", 1), ("茶业", 0), ("cme", 0), ("", 2)):
        answer = admin_client.get(reverse(LIST), {"q": term})
        assert len(answer.context["cl"].result_list) == count, term


def test_the_list_makes_as_many_statements_for_fifty_rows_as_for_one(
    admin_client: Client,
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(admin_client, LIST)
        return len(seen)

    make()
    page(admin_client, LIST)  # content types, session
    few = statements()
    for _ in range(49):
        make()
    assert statements() == few


def test_only_what_was_changed_is_saved_and_the_history_says_from_what_to_what(
    admin_client: Client,
) -> None:
    quota = make(monthly_used=4)
    seen = {"monthly_free_quota": 100, "overage_price": "0.00", "quota_reset_day": 1}
    TenantQuota.objects.update(quota_reset_day=15)  # somebody else, meanwhile
    assert save(admin_client, quota, seen, monthly_free_quota=300).status_code == 302
    quota.refresh_from_db()
    assert (quota.monthly_free_quota, quota.quota_reset_day, quota.monthly_used) == (300, 15, 4)
    assert last_entry() == "每月免费单量：100 → 300"


def test_the_second_of_two_operators_is_told_what_the_first_did(admin_client: Client) -> None:
    quota = make()
    seen = {"monthly_free_quota": 100, "overage_price": "0.00", "quota_reset_day": 1}
    TenantQuota.objects.update(monthly_free_quota=500)
    answer = save(admin_client, quota, seen, monthly_free_quota=300)
    assert answer.status_code == 200
    assert "500" in str(answer.context["errors"])
    assert 'value="300"' in answer.content.decode()  # what was typed is kept
    quota.refresh_from_db()
    assert quota.monthly_free_quota == 500


@pytest.mark.parametrize(
    ("field", "value"),
    [("monthly_free_quota", -1), ("monthly_free_quota", 2_000_000_001), ("overage_price", "-1"),
     ("overage_price", "1.005"), ("quota_reset_day", 32), ("quota_reset_day", "x")],
)  # fmt: skip
def test_a_setting_no_quota_could_have_is_refused_by_name(
    admin_client: Client, field: str, value: Any
) -> None:
    quota = make()
    answer = save(admin_client, quota, {}, **{field: value})
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    quota.refresh_from_db()
    assert (quota.monthly_free_quota, quota.quota_reset_day) == (100, 1)


def test_a_tenant_gets_one_quota_and_a_removed_one_comes_back(admin_client: Client) -> None:
    quota = make()
    draw(quota, 1, NOW)
    url = reverse("admin:quotas_tenantquota_add")
    fields = {"tenant": quota.tenant_id, "monthly_free_quota": 7, "overage_price": "0.00",
              "quota_reset_day": 1}  # fmt: skip
    refused = admin_client.post(url, fields)
    assert list(refused.context["adminform"].form.errors) == ["tenant"]
    act(admin_client, quota, "remove")
    answer = admin_client.post(url, fields)
    assert answer.status_code == 302, answer.context["errors"]
    quota.refresh_from_db()
    assert (quota.hidden_at, quota.status, quota.monthly_free_quota) == (None, "enabled", 7)
    assert quota.monthly_used == 1
    assert list(find_discrepancies()) == []


def test_a_quota_is_suspended_and_enabled_with_a_reason(admin_client: Client) -> None:
    quota = make()
    assert act(admin_client, quota, "suspend", reason="").status_code == 200  # asked again
    quota.refresh_from_db()
    assert quota.status == "enabled"
    act(admin_client, quota, "suspend")
    quota.refresh_from_db()
    assert quota.status == "suspended"
    assert last_entry() == "状态：启用 → 暂停。原因：按合同"
    told = act(admin_client, quota, "suspend").content.decode()
    assert "已经是此状态" in told
    assert LogEntry.objects.count() == 1
    act(admin_client, quota, "enable")
    quota.refresh_from_db()
    assert quota.status == "enabled"


def test_many_quotas_are_suspended_at_once(admin_client: Client) -> None:
    rows = [make(), make(status="suspended"), make()]
    answer = admin_client.post(
        reverse(LIST),
        {"action": "suspend", "_selected_action": [row.pk for row in rows], "apply": "1",
         "reason": "欠费"},
        follow=True,
    )  # fmt: skip
    assert "已经是此状态" in answer.content.decode()
    assert set(TenantQuota.objects.values_list("status", flat=True)) == {"suspended"}
    assert LogEntry.objects.count() == 2


def test_a_reset_says_what_it_closes_and_closes_it(admin_client: Client) -> None:
    quota = make(monthly_free_quota=1, overage_enabled=True, overage_price="2.50")
    for order_id in (1, 2):
        draw(quota, order_id, NOW)
    asked = page(admin_client, "admin:quotas_tenantquota_act", quota.pk, "reset")
    assert "2026-11-01" in asked
    assert "2026-11-21" in asked
    assert "2.50" in asked
    assert not QuotaStatement.objects.exists()
    act(admin_client, quota, "reset")
    statement = QuotaStatement.objects.get()
    assert (statement.units, statement.overage_units, statement.amount_minor) == (2, 1, 250)
    quota.refresh_from_db()
    assert (quota.period_no, quota.monthly_used) == (2, 0)
    assert list(find_discrepancies()) == []
    assert "按合同" in last_entry()


def test_a_period_that_began_today_is_not_closed_again(admin_client: Client) -> None:
    quota = make(period_start=date(2026, 11, 21))
    told = act(admin_client, quota, "reset").content.decode()
    assert "本期今天才开始" in told
    assert not QuotaStatement.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("used", [True, False])
def test_a_removed_quota_appears_no_more_and_its_ledger_stays(
    admin_client: Client, used: bool
) -> None:
    quota = make()
    if used:
        draw(quota, 1, NOW)
    answer = act(admin_client, quota, "remove")
    assert answer.redirect_chain[-1][0] == reverse(LIST)
    assert not answer.context["cl"].result_list
    assert TenantQuota.objects.filter(pk=quota.pk).exists() is used
    assert QuotaDetail.objects.count() == used
    assert "按合同" in last_entry()
    gone = admin_client.get(reverse("admin:quotas_tenantquota_change", args=[quota.pk]))
    assert gone.status_code == 302


def test_the_page_shows_statements_newest_first_in_yuan_and_the_newest_lines(
    admin_client: Client, admin_user: Any, noon: Any
) -> None:
    quota = make(monthly_free_quota=0, overage_enabled=True, overage_price=Decimal("1.20"))
    for month in (11, 12):
        noon.move_to(datetime(2026, month, 20, tzinfo=UTC))
        draw(quota, month, timezone.now())
    noon.move_to(datetime(2027, 1, 2, tzinfo=UTC))
    draw(quota, 1, timezone.now())
    admin_client.force_login(admin_user)  # the session of November is over
    shown = page(admin_client, "admin:quotas_tenantquota_change", quota.pk)
    first, second = (shown.index(f"#{number}</a>") for number in (2, 1))
    assert first < second
    assert shown.count('<td class="quota-number">1.20</td>') == 5  # two amounts due, three lines


def test_the_button_proves_the_books_or_shows_what_differs(admin_client: Client) -> None:
    quota = make()
    draw(quota, 1, NOW)
    draw(quota, 2, NOW)
    give_back(quota, 2, NOW)
    name = "admin:quotas_tenantquota_books"
    assert reverse(name, args=[quota.pk]) in page(
        admin_client, "admin:quotas_tenantquota_change", quota.pk
    )
    fine = page(admin_client, name, quota.pk)
    assert "quota-verdict" in fine
    assert "3" in fine
    TenantQuota.objects.update(monthly_used=5)
    wrong = page(admin_client, name, quota.pk)
    assert "quota-verdict" not in wrong
    assert "<td>本期已用</td><td>5</td><td>1</td>" in wrong
