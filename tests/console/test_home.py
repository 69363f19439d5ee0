"""The home page: what needs a person first, each number leading to exactly its rows; then plots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from accounts.services.operators import create_operator
from config.console import plots
from config.kernel.days import local_date
from config.kernel.keeping import Kept
from config.kernel.work import due as counting
from logistics.models import CainiaoAccount, ExpressOrder
from logistics.models.rollups import DailyTotals
from logistics.queries import attention
from quotas.models import TenantQuota
from tests.console.rows import make_call, make_callback, make_order
from tests.factories import AccountFactory, QuotaFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def browser(admin_client: Client) -> Client:
    admin_client.cookies["django_language"] = "en"
    return admin_client


def matters(browser: Client) -> dict[str, Any]:
    """The lines by the beginning of what they say."""
    Kept.forget_all()
    return {matter.text: matter for matter in browser.get("/admin/").context["matters"]}


def the(browser: Client, words: str) -> Any:
    (found,) = [matter for text, matter in matters(browser).items() if words in text]
    return found


def rows_behind(browser: Client, matter: Any) -> list[int]:
    page = browser.get(matter.url)
    assert page.status_code == 200, matter.url
    return sorted(row.pk for row in page.context["cl"].queryset)


def today() -> date:
    return local_date(timezone.now(), timezone.get_default_timezone())  # type: ignore[arg-type]


def test_where_nothing_needs_anybody_it_says_so(browser: Client) -> None:
    AccountFactory(test_passed=True)
    QuotaFactory(monthly_used=10)
    make_order()
    make_order(status="signed", sign_time=timezone.now())
    make_callback(processed=True)
    assert matters(browser) == {}
    assert "All is well" in browser.get("/admin/").content.decode()


def test_an_order_nobody_asks_about_any_more_waits_for_a_decision(browser: Client) -> None:
    AccountFactory()
    due = timezone.now() + MINUTE
    stuck = [make_order(asking=what) for what in ("create", "cancel")]
    stuck.append(make_order(asking="cancel", status="exception"))
    make_order(asking="create", due_at=due)
    make_order(asking="waybill", status="cancelled")
    make_order()
    found = the(browser, "unknown outcome")
    assert (found.count, found.severity.tone) == ("3", "urgent")
    assert rows_behind(browser, found) == sorted(order.pk for order in stuck)


def test_orders_in_exception_are_counted_and_listed(browser: Client) -> None:
    order = make_order(status="exception")
    make_order()
    found = the(browser, "in exception")
    assert (found.count, rows_behind(browser, found)) == ("1", [order.pk])


def test_what_was_tried_many_times_is_worth_a_look(browser: Client) -> None:
    due = timezone.now() + MINUTE
    order = make_order(due_at=due, attempts=attention.MANY_ATTEMPTS)
    callback = make_callback(due_at=due, attempts=attention.MANY_ATTEMPTS)
    for make in (make_order, make_callback):
        make(due_at=due, attempts=attention.MANY_ATTEMPTS - 1)
        make(attempts=attention.MANY_ATTEMPTS, processed=True) if make is make_callback else None
    assert rows_behind(browser, the(browser, "orders were tried")) == [order.pk]
    assert rows_behind(browser, the(browser, "callbacks were tried")) == [callback.pk]


def test_callbacks_nobody_tries_again_are_counted_and_listed(browser: Client) -> None:
    given_up = make_callback(process_result="未找到订单，已停止重试")
    make_callback(processed=True)
    make_callback(due_at=timezone.now() + MINUTE)
    found = the(browser, "could not be handled")
    assert (found.count, rows_behind(browser, found)) == ("1", [given_up.pk])


def test_an_account_that_fails_is_named_with_what_it_said(browser: Client) -> None:
    assert "nothing can be sent" in the(browser, "no live").text
    account = AccountFactory(app_key="K1", test_error="[S02] 签名校验失败")
    found = the(browser, "K1")
    assert (found.severity.tone, found.detail) == ("urgent", "[S02] 签名校验失败")
    assert browser.get(found.url).context["original"] == account
    CainiaoAccount.objects.update(status="disabled")
    assert "disabled" in the(browser, "K1").text
    CainiaoAccount.objects.update(status="enabled", test_passed=True)
    assert matters(browser) == {}


def test_quotas_nearly_gone_or_suspended_are_counted_and_listed(browser: Client) -> None:
    AccountFactory()
    gone = QuotaFactory(monthly_free_quota=100, monthly_used=100)
    nearly = QuotaFactory(monthly_free_quota=100, monthly_used=90)
    QuotaFactory(monthly_free_quota=100, monthly_used=89)
    QuotaFactory(monthly_free_quota=100, monthly_used=100, overage_enabled=True)
    paused = QuotaFactory(monthly_free_quota=100, monthly_used=100, status="suspended")
    QuotaFactory(monthly_free_quota=100, monthly_used=100, hidden_at=timezone.now())
    assert rows_behind(browser, the(browser, "no free unit left")) == [gone.pk]
    assert rows_behind(browser, the(browser, "90 percent")) == [gone.pk, nearly.pk]
    assert rows_behind(browser, the(browser, "suspended")) == [paused.pk]
    TenantQuota.objects.update(overage_enabled=True, status="enabled")
    assert matters(browser) == {}


@pytest.mark.parametrize(("minutes", "tone"), [(5, "soon"), (20, "urgent")])
def test_work_that_is_late_for_minutes_is_said(browser: Client, minutes: int, tone: str) -> None:
    AccountFactory()
    late = timezone.now() - minutes * MINUTE - timedelta(seconds=5)
    make_order(due_at=timezone.now() - timedelta(seconds=20))
    assert matters(browser) == {}
    make_callback(due_at=late)
    found = the(browser, "late")
    assert (found.count, found.severity.tone) == (str(minutes), tone)
    assert browser.get(found.url).status_code == 200


def test_the_worst_stands_first(browser: Client) -> None:
    make_callback()
    QuotaFactory(status="suspended")
    make_order(status="exception")
    ranks = [matter.severity.rank for matter in matters(browser).values()]
    assert len(set(ranks)) == 3
    assert ranks == sorted(ranks)


def test_a_count_stops_at_its_cap(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "CAP", 2)
    for _ in range(4):
        make_order(status="exception")
    with CaptureQueriesContext(connection) as asked:
        assert the(browser, "in exception").count == "2+"
    counted = [q["sql"] for q in asked if "COUNT(" in q["sql"] and "express_orders" in q["sql"]]
    assert counted
    assert all("LIMIT 3" in sql or "sign_time" in sql for sql in counted)


def test_a_role_is_told_only_of_what_it_may_see(browser: Client) -> None:
    make_order(status="exception")
    QuotaFactory(status="suspended")
    user, _ = create_operator(username="nobody", role="support", password="long-enough-9")
    user.groups.clear()
    stranger = Client()
    stranger.force_login(user)
    page = stranger.get("/admin/")
    assert page.status_code == 200
    assert (page.context["matters"], page.context["plots"]) == ([], [])


def test_the_page_costs_the_same_however_many_rows_there_are(browser: Client) -> None:
    def cost() -> int:
        Kept.forget_all()
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/admin/").status_code == 200
        return len(asked)

    def furnish() -> None:
        make_order(status="exception", asking="create")
        make_callback()
        make_call(ago=MINUTE)
        QuotaFactory(status="suspended")

    furnish()
    first = cost()
    for _ in range(20):
        furnish()
    assert cost() == first
    with CaptureQueriesContext(connection) as asked:
        browser.get("/admin/")
    assert not [q for q in asked if "platform_" in q["sql"]], "kept for some seconds"


def test_orders_are_plotted_by_day_and_state_from_the_roll_ups(browser: Client) -> None:
    cells = [(0, "created", 3), (0, "signed", 2), (13, "signed", 7), (14, "signed", 99)]
    for ago, status, count in cells:
        DailyTotals.objects.create(
            business_date=today() - timedelta(days=ago), cp_code="YTO", status=status,
            orders=count, freight_minor=0, first_freight_minor=0, revisions=0,
        )  # fmt: skip
    plot = browser.get("/admin/").context["plots"][0]
    assert list(plot.head) == ["day", "all", "created", "signed for"]
    assert [row[1:] for row in (plot.rows[0], plot.rows[-1])] == [["5", "3", "2"], ["7", "0", "7"]]
    assert plot.rows[0][0] == f"{today():%m-%d}"
    assert len(plot.rows) == plots.DAYS
    assert "signed for 99" not in plot.picture


def test_signatures_are_plotted_by_the_day_they_were_given(browser: Client) -> None:
    noon = timezone.now()
    for ago, test in ((0, False), (0, True), (2, False), (30, False)):
        make_order(status="signed", sign_time=noon - timedelta(days=ago), is_test=test)
    plot = browser.get("/admin/").context["plots"][1]
    assert [row[1] for row in plot.rows] == ["1", "0", "1"] + ["0"] * 11


def test_calls_are_plotted_by_outcome_and_by_how_long_they_take(browser: Client) -> None:
    for n in range(1, 21):
        make_call("A", ago=n * MINUTE, duration_ms=n * 10)
    make_call("B", ago=MINUTE, outcome="unknown", success=False, duration_ms=None)
    make_call("C", ago=timedelta(hours=25))
    _, _, outcomes, durations = browser.get("/admin/").context["plots"]
    assert [list(row) for row in outcomes.rows] == [
        ["A", "20", "20", "0", "0", "0"], ["B", "1", "0", "0", "0", "1"],
    ]  # fmt: skip
    assert [list(row) for row in durations.rows] == [["A", "100", "190"]]


def test_of_busy_methods_the_newest_calls_alone_are_read(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots.trends, "SAMPLE", 5)
    for n in range(8):
        make_call("A", ago=n * MINUTE, duration_ms=10 if n < 5 else 10_000)
    _, _, outcomes, durations = browser.get("/admin/").context["plots"]
    assert outcomes.rows[0][1] == "5"
    assert durations.rows[0] == ["A", "10", "10"]
    assert "latest 5 calls" in outcomes.note


def test_pictures_are_drawn_without_styles_and_say_what_they_are(browser: Client) -> None:
    make_call("<b>A</b>", ago=MINUTE)
    for plot in browser.get("/admin/").context["plots"]:
        assert "style" not in plot.picture
        assert "<b>A" not in plot.picture
        assert 'role="img"' in plot.picture or "chart-empty" in plot.picture


def test_an_empty_platform_has_a_home_page(browser: Client) -> None:
    assert not ExpressOrder.objects.exists()
    page = browser.get("/admin/")
    assert page.status_code == 200
    assert len(page.context["plots"]) == 4
