"""`check_reports` tells what differs and fails; `roll_up` mends it."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from logistics.models import DailyOrders, DailyTotals, ExpressOrder, FreightRevision, RolledDay
from logistics.queries.reports import proof
from logistics.services.rolling import roll_up
from logistics.states import OrderStatus
from tests.reports.conftest import NOW, Books
from tests.reports.world import tell

pytestmark = pytest.mark.django_db(transaction=True)


def run(name: str, *arguments: str) -> tuple[int, Any]:
    out = StringIO()
    try:
        call_command(name, *arguments, "--json", stdout=out, stderr=StringIO())
    except SystemExit as exc:
        return int(str(exc.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_books_that_close_are_said_to(books: Books) -> None:
    code, report = run("check_reports")
    assert (code, report["ok"], report["differences"]) == (0, True, [])
    # From the first order's day to the last one's.
    assert report["days"] == 67


@pytest.mark.parametrize("column", ["orders", "freight_minor", "first_freight_minor", "revisions"])
def test_each_column_that_differs_is_found(books: Books, column: str) -> None:
    row = DailyOrders.objects.filter(business_date="2026-10-07").get()
    found = getattr(row, column)
    DailyOrders.objects.filter(pk=row.pk).update(**{column: found + 1})
    code, report = run("check_reports")
    assert code == 1
    (difference,) = report["differences"]
    assert difference["business_date"] == "2026-10-07"
    assert (difference["found"][column], difference["expected"][column]) == (found + 1, found)
    assert run("check_reports", "--day", "2026-10-08")[0] == 0
    assert run("check_reports", "--day", "2026-10-07")[0] == 1


def test_everybodys_sums_are_proved_too(books: Books) -> None:
    DailyTotals.objects.filter(business_date="2026-10-07").update(orders=9)
    code, report = run("check_reports")
    (difference,) = report["differences"]
    assert (code, difference["tenant_id"], difference["found"]["orders"]) == (1, None, 9)


def test_rows_that_are_missing_or_too_many_are_found(books: Books) -> None:
    DailyOrders.objects.filter(business_date="2026-10-07").delete()
    DailyOrders.objects.filter(business_date="2026-10-08").update(cp_code="ZTO")
    code, report = run("check_reports")
    sides = [(row["business_date"], bool(row["found"])) for row in report["differences"]]
    assert code == 1
    assert sorted(sides) == [("2026-10-07", False), ("2026-10-08", False), ("2026-10-08", True)]
    assert run("roll_up", "--from", "2026-10-07", "--to", "2026-10-08") == (0, {"days": 2})
    assert run("check_reports")[0] == 0


@pytest.mark.parametrize("model", [DailyOrders, DailyTotals])
def test_sums_of_a_day_that_has_no_orders_are_found(
    books: Books, model: type[DailyOrders | DailyTotals]
) -> None:
    model._default_manager.filter(business_date="2026-10-07").update(business_date="2026-08-07")
    code, report = run("check_reports")
    assert code == 1
    assert {row["business_date"] for row in report["differences"]} == {"2026-08-07", "2026-10-07"}


def test_a_day_that_no_run_will_count_again_is_not_said_to_wait(books: Books) -> None:
    RolledDay.objects.filter(business_date="2026-10-07").delete()
    assert run("check_reports")[0] == 0  # what was counted is right
    DailyOrders.objects.filter(business_date="2026-10-07").update(orders=9)
    code, report = run("check_reports")
    assert (code, report["waiting"], len(report["differences"])) == (1, [], 1)
    assert run("roll_up", "--from", "2026-10-07")[0] == 0
    assert run("check_reports")[0] == 0


def test_a_parcel_that_moves_while_its_day_is_proved_is_no_error(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ExpressOrder.objects.filter(status="picked")[0]
    recount, calls = proof.recount_day, iter(range(99))

    def beside(day: date) -> Any:
        if day == date(2026, 11, 4) and next(calls) == 1:
            tell(order, NOW, status="signed")
        return recount(day)

    DailyOrders.objects.filter(business_date="2026-11-04").update(orders=9)
    monkeypatch.setattr(proof, "recount_day", beside)
    (*_, last) = list(proof.find_differences([date(2026, 11, 4)]))
    assert order.created_at.date() == date(2026, 11, 4)
    assert last.waiting


DAMAGED = ("orders", "freight_minor", "first_freight_minor", "revisions", "cp_code", "status",
           "tenant_id", "business_date")  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_whatever_cell_is_damaged_the_proof_says_so(books: Books, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(15):
        model: Any = dice.choice((DailyOrders, DailyTotals))
        row = dice.choice(list(model.objects.all()))
        column = dice.choice([name for name in DAMAGED if hasattr(row, name)])
        value: Any = getattr(row, column)
        wrong = {
            "cp_code": f"{value} ", "business_date": "1999-12-31",
            "status": dice.choice([s for s in OrderStatus.values if s != value]),
        }.get(column, 7_777 if isinstance(value, int) else value)  # fmt: skip
        with suppress(IntegrityError), transaction.atomic():  # there may be a cell like that
            doing = dice.choice(("change", "delete", "add"))
            if doing == "delete":
                row.delete()
            elif doing == "change":
                model.objects.filter(pk=row.pk).update(**{column: wrong})
            else:
                row.pk, row.cp_code = None, "NEW"
                row.save(force_insert=True)
            assert run("check_reports")[0] == 1, (model.__name__, doing, column, wrong)
            transaction.set_rollback(True)
        assert run("check_reports")[0] == 0


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "2026-13-01", "20261007", "x", ""])
def test_no_day_is_refused_before_anything_is_marked(books: Books, text: str) -> None:
    days = list(RolledDay.objects.order_by("pk").values())
    for call in (("roll_up", "--from", text), ("check_reports", "--day", text)):
        with pytest.raises(CommandError, match="2026-02-28"):
            call_command(*call, stderr=StringIO())
    assert list(RolledDay.objects.order_by("pk").values()) == days
    assert run("roll_up")[0] == 0


def test_a_revision_that_vanished_is_found(books: Books) -> None:
    assert FreightRevision.objects.order_by("event_time")[0].delete()[0] == 1
    assert run("check_reports")[0] == 1


def test_a_day_that_moved_on_is_waiting_and_no_error(books: Books) -> None:
    order = ExpressOrder.objects.filter(status="picked")[0]
    tell(order, NOW + timedelta(minutes=5), status="signed")
    code, report = run("check_reports")
    assert (code, report["ok"], len(report["waiting"])) == (0, True, 1)
    roll_up(at=NOW + timedelta(minutes=6))
    assert run("check_reports")[1]["waiting"] == []


def test_the_command_counts_what_changed_and_a_trial_writes_nothing(books: Books) -> None:
    tell(ExpressOrder.objects.filter(status="picked")[0], NOW, status="signed")
    before = set(DailyOrders.objects.values_list("pk", "orders"))
    days = list(RolledDay.objects.order_by("pk").values())
    code, report = run("roll_up", "--dry-run")
    assert (code, set(DailyOrders.objects.values_list("pk", "orders"))) == (0, before)
    assert list(RolledDay.objects.order_by("pk").values()) == days
    assert report["days"] >= 1
    assert run("roll_up")[0] == 0
    assert set(DailyOrders.objects.values_list("pk", "orders")) != before
    assert run("check_reports") == (0, {"ok": True, "days": 67, "waiting": [], "differences": []})


@pytest.mark.parametrize("days", [("2026-10-08", "2026-10-07"), ("2016-01-01", "2026-10-07")])
def test_days_that_cannot_be_counted_are_refused(books: Books, days: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="to："):
        call_command("roll_up", "--from", days[0], "--to", days[1], stderr=StringIO())
