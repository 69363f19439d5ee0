"""Each figure is what the orders and periods say, to the fen; months and days are Shanghai's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import ExpressOrder
from logistics.queries.reports.orders import OrderSums, order_lines, order_totals
from logistics.queries.reports.proof import find_differences
from logistics.queries.reports.settlement import (
    Fees,
    monthly_fees,
    settlements,
    total_fees,
)
from logistics.queries.reports.tenants import SORTS, tenant_ranking
from logistics.queries.reports.window import Window, counted_until
from logistics.services.rolling import mark_changed_days, roll_up
from quotas.models import QuotaStatement
from quotas.queries import find_discrepancies
from tests.factories import QuotaFactory
from tests.reports.conftest import NOW, Books
from tests.reports.world import assert_proved, make_order, tell

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
ALL = Window(SEPTEMBER, date(2026, 11, 30))


def fees(month: date) -> dict[int, Fees]:
    return {one.tenant_id: one.fees for one in settlements(month=month)}


def test_the_books_it_reads_close(books: Books) -> None:
    assert list(find_discrepancies()) == []
    assert_proved()


def test_a_month_of_a_tenant_over_its_quota(books: Books) -> None:
    september, october = fees(SEPTEMBER)[books.tea.pk], fees(OCTOBER)[books.tea.pk]
    # 8.10+9.10+10.10+11.10, each revised by 1.25; two units over at 1.25.
    assert september == Fees(
        parcels=5, first_freight_minor=3840, revisions=4, freight_minor=4340,
        overage_units=2, overage_minor=250, credit_minor=0,
    )  # fmt: skip
    assert (september.revised_minor, september.total_minor) == (500, 4590)
    # Revised twice, down and up again; September's returned unit is credited here.
    assert october == Fees(
        parcels=6, first_freight_minor=6000, revisions=2, freight_minor=5805,
        overage_units=3, overage_minor=375, credit_minor=125,
    )  # fmt: skip
    assert (october.revised_minor, october.due_minor, october.total_minor) == (-195, 250, 6055)


def test_what_is_not_closed_stands_apart(books: Books) -> None:
    november = fees(NOVEMBER)[books.tea.pk]
    assert (november.overage_units, november.due_minor) == (0, 0)
    assert (november.open_units, november.open_minor) == (2, 250)
    assert november.total_minor == november.freight_minor == 6000


def test_a_period_counts_in_the_month_of_its_last_day(books: Books) -> None:
    ends = list(
        QuotaStatement.objects.filter(tenant=books.silk)
        .order_by("period_no").values_list("period_end", "overage_units")
    )  # fmt: skip
    assert ends == [(date(2026, 9, 15), 1), (date(2026, 10, 15), 2)]
    assert fees(SEPTEMBER)[books.silk.pk].overage_units == 1
    assert fees(OCTOBER)[books.silk.pk].overage_units == 2
    # A period that ends with the month's last day is that month's.
    assert fees(OCTOBER)[books.tea.pk].overage_units == 3


def test_months_end_at_midnight_in_shanghai(books: Books) -> None:
    assert fees(OCTOBER)[books.paper.pk].freight_minor == 500
    assert fees(NOVEMBER)[books.paper.pk].freight_minor == 400


def test_the_platforms_own_parcels_are_tenant_0(books: Books) -> None:
    assert fees(NOVEMBER)[0] == Fees(parcels=1, first_freight_minor=333, freight_minor=333)
    assert [one.tenant_id for one in settlements(month=NOVEMBER, tenant_id=0)] == [0]


def test_the_months_add_up_to_each_months_total(books: Books) -> None:
    months = monthly_fees(last=date(2026, 11, 21), months=12)
    assert next(iter(months)) == date(2025, 12, 1)
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        whole = total_fees(settlements(month=month))
        assert (months[month].total_minor, months[month].parcels) == (
            whole.total_minor, whole.parcels,
        )  # fmt: skip
    assert months[date(2026, 8, 1)] == Fees()


@pytest.mark.parametrize(
    "group", [("day",), ("cp_code",), ("status",), ("tenant",), ("day", "status", "tenant")]
)
def test_every_grouping_adds_up_to_the_same_whole(books: Books, group: tuple[str, ...]) -> None:
    lines = list(order_lines(window=ALL, group=group))
    whole = order_totals(ALL)
    for name in OrderSums.__dataclass_fields__:
        assert sum(getattr(line.sums, name) for line in lines) == getattr(whole, name), name
    assert whole.orders == ExpressOrder.objects.filter(is_test=False).count() == 24
    assert (whole.signed, whole.exceptions, whole.cancelled, whole.under_way) == (14, 3, 1, 6)
    keys = [(line.day, line.cp_code, line.status, line.tenant_id) for line in lines]
    assert len(set(keys)) == len(keys)


def test_filters_narrow_together(books: Books) -> None:
    window = Window(OCTOBER, date(2026, 10, 31), books.silk.pk, "STO", "exception")
    assert order_totals(window) == OrderSums(orders=3, exceptions=3, freight_minor=1998)
    assert order_totals(Window(OCTOBER, date(2026, 10, 31), books.silk.pk, "YTO")).orders == 0


def test_a_part_of_the_lines_is_cut_out(books: Books) -> None:
    lines = list(order_lines(window=ALL, group=("day", "tenant")))
    parts = [
        line
        for skip in range(0, len(lines) + 3, 3)
        for line in order_lines(window=ALL, group=("day", "tenant"), skip=skip, most=3)
    ]
    assert parts == lines
    assert [line.day for line in lines] == sorted((line.day for line in lines), reverse=True)


def test_tenants_are_ranked_by_each_figure(books: Books) -> None:
    ranking = tenant_ranking(window=ALL, at=NOW)
    assert [use.tenant_id for use in ranking] == [
        books.tea.pk, books.silk.pk, books.paper.pk, 0,
    ]  # fmt: skip
    tea, silk, paper, own = ranking
    assert (tea.rank, tea.sums.orders, silk.sums.orders) == (1, 16, 5)
    assert tea.quota is not None
    assert (tea.quota.free, tea.quota.used, tea.quota.left, tea.quota.overage_units) == (3, 5, 0, 2)
    assert silk.exception_rate == Decimal("0.6000")
    assert paper.quota is own.quota is None
    first = {sort: tenant_ranking(window=ALL, at=NOW, sort=sort)[0].tenant_id for sort in SORTS}
    assert first == {
        "orders": books.tea.pk, "exception_rate": books.silk.pk,
        "quota_used": books.tea.pk, "overage_units": books.tea.pk,
    }  # fmt: skip


def test_a_quota_whose_period_elapsed_is_shown_as_of_now(books: Books) -> None:
    """SILK's period ended on 15 November, and nothing has closed it yet."""
    silk = next(use for use in tenant_ranking(window=ALL, at=NOW) if use.tenant_id == books.silk.pk)
    assert silk.quota is not None
    assert (silk.quota.used, silk.quota.left) == (0, 1)


def test_figures_say_how_far_they_go(books: Books) -> None:
    first, last = SEPTEMBER, date(2026, 11, 30)
    counted = counted_until(first, last)
    assert counted.at is not None
    assert counted.waiting == 0
    tell(ExpressOrder.objects.filter(status="picked")[0], NOW, status="signed")
    mark_changed_days(at=NOW)
    assert counted_until(first, last).waiting > 0
    assert counted_until(SEPTEMBER, SEPTEMBER).waiting == 0
    roll_up(at=NOW)
    assert counted_until(first, last).waiting == 0
    assert list(find_differences([date(2026, 11, 3)])) == []


def test_more_tenants_cost_no_more_statements(books: Books) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            tenant_ranking(window=ALL, at=NOW)
            settlements(month=OCTOBER)
            monthly_fees(last=NOVEMBER, months=12)
        return len(seen)

    few = statements()
    for _ in range(12):
        make_order(NOW, QuotaFactory().tenant)
    roll_up(at=NOW)
    assert len(tenant_ranking(window=ALL, at=NOW)) == 16
    assert statements() == few == 3 + 4 + 2
