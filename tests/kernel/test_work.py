"""The row is the queue: leases, lost leases, retries, and threads that may only do the network."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from config.kernel.work import Job, LostLease, backoff, claim, drain, finish, nudge
from config.kernel.work.checks import check_leases
from config.kernel.work.finishing import finish_rows
from logistics.models import CallbackRecord
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = timedelta(seconds=30)


def rows(count: int, due: datetime | None = None) -> None:
    now = timezone.now()
    for n in range(count):
        CallbackRecord.objects.create(
            callback_id=f"w-{n}", account_id=0, raw_body=b"", created_at=now, due_at=due or now
        )


@pytest.fixture
def job() -> Iterator[Any]:
    made: list[str] = []

    def make(**parts: Any) -> Job[Any, Any]:
        parts = {"name": f"test-{len(made)}", "model": CallbackRecord, "lease": LEASE,
                 "deadline": timedelta(seconds=10)} | parts  # fmt: skip
        made.append(parts["name"])
        return Job(**parts)

    yield make
    for name in made:
        Job.known.pop(name)


def test_a_row_is_claimed_by_one_of_many() -> None:
    rows(40)
    now = timezone.now()
    results = race([lambda: claim(CallbackRecord, at=now, lease=LEASE, limit=7)] * 12)
    pks = [row.pk for batch in results for row in batch]
    assert len(pks) == len(set(pks)) == 40


def test_what_is_not_due_is_left_alone() -> None:
    rows(1, due=timezone.now() + timedelta(minutes=1))
    assert claim(CallbackRecord, at=timezone.now(), lease=LEASE, limit=5) == []


def test_a_lease_that_ran_out_brings_the_row_back_and_the_first_holder_loses() -> None:
    rows(1)
    now = timezone.now()
    (first,) = claim(CallbackRecord, at=now, lease=LEASE, limit=1)
    assert claim(CallbackRecord, at=now, lease=LEASE, limit=1) == []
    (second,) = claim(CallbackRecord, at=now + LEASE, lease=LEASE, limit=1)
    assert second.attempts == 2
    with pytest.raises(LostLease):
        finish(first, token=str(first.lease_token), due_at=None)
    finish(second, token=str(second.lease_token), due_at=None)
    assert CallbackRecord.objects.get().due_at is None


def test_a_holder_that_outlived_its_lease_changes_nothing(job: Any) -> None:
    rows(1)

    def steal(row: Any, answer: Any) -> None:
        CallbackRecord.objects.update(lease_token="somebody else's")

    def apply(row: Any, answer: Any, at: datetime) -> None:
        CallbackRecord.objects.update(process_result="applied")

    drain(job(apply=apply, prepare=lambda row: lambda: None, keep_attempt=steal))
    assert CallbackRecord.objects.get().process_result is None


def test_pool_threads_cannot_use_the_database(job: Any) -> None:
    rows(1)
    seen: list[Any] = []

    def network() -> None:
        try:
            CallbackRecord.objects.count()
        except RuntimeError as exc:
            seen.append((threading.current_thread().name.startswith("work-"), str(exc)))

    drain(job(apply=lambda row, answer, at: None, prepare=lambda row: network))
    assert seen == [(True, "a work pool's thread may not use the database")]


@pytest.mark.parametrize("together", [1, 2, 50])
def test_what_raises_is_put_back_later_and_later_and_stops_nobody(job: Any, together: int) -> None:
    rows(3)

    def apply(row: Any, answer: Any, at: datetime) -> None:
        CallbackRecord.objects.filter(pk=row.pk).update(process_result="half")
        if row.callback_id == "w-1":
            raise ValueError("broken row")

    drain(job(apply=apply, together=together))
    broken = CallbackRecord.objects.get(callback_id="w-1")
    assert broken.process_result is None
    assert broken.due_at is not None
    assert broken.due_at > timezone.now()
    assert CallbackRecord.objects.filter(due_at=None, process_result="half").count() == 2


@pytest.mark.parametrize("together", [1, 50])
def test_what_a_job_writes_on_its_row_is_kept_with_its_end(job: Any, together: int) -> None:
    rows(3)

    def apply(row: Any, answer: Any, at: datetime) -> datetime | None:
        row.process_result = f"{row.callback_id} is done"
        return at + timedelta(hours=1) if row.callback_id == "w-1" else None

    drain(job(apply=apply, writes=("process_result",), together=together))
    for row in CallbackRecord.objects.all():
        assert row.process_result == f"{row.callback_id} is done"
        assert row.lease_token is None
        assert (row.due_at is not None) == (row.callback_id == "w-1")


def test_of_rows_that_finish_together_only_the_lost_one_is_left_to_others(job: Any) -> None:
    rows(4)

    def apply(row: Any, answer: Any, at: datetime) -> None:
        if row.callback_id == "w-0":  # while the batch is under way somebody takes another row
            CallbackRecord.objects.filter(callback_id="w-2").update(lease_token="theirs")
        row.process_result = "applied"

    answered: Future[None] = Future()
    answered.set_result(None)
    in_hand = claim(CallbackRecord, at=timezone.now(), lease=LEASE, limit=4)
    finish_rows(
        job(apply=apply, writes=("process_result",), together=50),
        [(row, answered) for row in in_hand],
    )
    lost = CallbackRecord.objects.get(callback_id="w-2")
    assert (lost.lease_token, lost.process_result) == ("theirs", None)
    assert CallbackRecord.objects.filter(due_at=None, process_result="applied").count() == 3


def test_rows_that_finish_together_take_as_many_statements_as_one(job: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    rows(60)
    idle = job(apply=lambda row, answer, at: None, together=100)
    with CaptureQueriesContext(connection) as seen:
        assert drain(idle) == 60
    words = [query["sql"].split()[0].upper() for query in seen]
    # due?; claim: ids, mark, read; give back; due?
    dml = [word for word in words if word in ("SELECT", "UPDATE", "INSERT")]
    assert dml == ["SELECT", "SELECT", "UPDATE", "SELECT", "UPDATE", "SELECT"]


def test_what_takes_a_lock_others_wait_for_gets_a_transaction_of_its_own(job: Any) -> None:
    rows(4)
    begun: list[tuple[int, int]] = []

    def apply(row: CallbackRecord, answer: None, at: datetime) -> None:
        begun.append((row.pk, CallbackRecord.objects.exclude(due_at=None).count()))

    first, *others = CallbackRecord.objects.order_by("pk").values_list("pk", flat=True)
    drain(job(apply=apply, together=50, alone=lambda row, answer: row.pk == first))
    # Three finished together, nothing of them written before all were applied; then the one.
    assert begun == [*[(pk, 4) for pk in others], (first, 1)]
    assert not CallbackRecord.objects.exclude(due_at=None).exists()


def test_rows_that_finish_together_cannot_promise_a_log(job: Any) -> None:
    with pytest.raises(ValueError, match="no log"):
        Job(
            name="test-0", model=CallbackRecord, deadline=timedelta(seconds=1), lease=LEASE,
            apply=lambda row, answer, at: None, together=2, keep_attempt=lambda row, answer: None,
        )  # fmt: skip


def test_what_cannot_be_prepared_is_put_back_too(job: Any) -> None:
    rows(1)

    def prepare(row: Any) -> Any:
        raise ValueError("no question")

    drain(job(apply=lambda row, answer, at: None, prepare=prepare))
    assert CallbackRecord.objects.get().due_at > timezone.now()


def test_work_goes_on_at_once_while_a_row_is_due_again(job: Any) -> None:
    rows(1)
    steps: list[int] = []

    def apply(row: Any, answer: Any, at: datetime) -> datetime | None:
        steps.append(1)
        return at if len(steps) < 5 else None

    assert drain(job(apply=apply, prepare=lambda row: lambda: None)) == 5


def test_pauses_double_up_to_an_hour() -> None:
    for attempts, seconds in ((0, 2), (3, 16), (50, 3600)):
        assert 0.79 * seconds <= backoff(attempts).total_seconds() <= 1.21 * seconds


def test_a_lease_under_twice_the_deadline_is_a_system_check_error(job: Any) -> None:
    assert check_leases() == []
    job(apply=lambda row, answer, at: None, deadline=timedelta(seconds=20))
    assert [error.id for error in check_leases()] == ["tonglu.E001"]


class TestNudges:
    @pytest.fixture(autouse=True)
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        from config.kernel.work.nudge import _not_before, _waiting

        _waiting.join()  # what the test before left to the messenger
        _not_before.clear()
        sent: list[str] = []
        monkeypatch.setattr(current_app, "send_task", lambda name, **more: sent.append(name))
        yield sent
        _waiting.join()

    def wait_for(self, sent: list[str], expected: list[str]) -> None:
        ends = time.monotonic() + 5
        while sent != expected and time.monotonic() < ends:
            time.sleep(0.01)
        assert sent == expected

    def test_a_nudge_runs_after_the_commit_and_not_after_a_rollback(self, sent: list[str]) -> None:
        with transaction.atomic():
            nudge("other")
            transaction.set_rollback(True)
        with transaction.atomic():
            nudge("logistics.work")
            time.sleep(0.05)
            assert sent == []
        self.wait_for(sent, ["logistics.work"])

    def test_a_broker_that_refuses_is_only_logged(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        from config.kernel.work.nudge import send

        def refuse(name: str, **more: Any) -> None:
            raise ConnectionError(name)

        monkeypatch.setattr(current_app, "send_task", refuse)
        send("logistics.work")
        assert "was not sent" in caplog.text

    def test_a_silent_broker_delays_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = threading.Event()
        answered = threading.Event()

        def silence(name: str, **more: Any) -> None:
            asked.set()
            answered.wait(10)

        monkeypatch.setattr(current_app, "send_task", silence)
        begun = time.monotonic()
        with transaction.atomic():
            nudge("logistics.work")
        assert time.monotonic() - begun < 0.5
        assert asked.wait(5)
        for n in range(50):  # more than the messenger will hold
            nudge(f"task {n}")
        assert time.monotonic() - begun < 5.5
        answered.set()

    def test_nudges_close_together_are_one(self, sent: list[str]) -> None:
        for _ in range(5):
            nudge("logistics.work")
        self.wait_for(sent, ["logistics.work"])


def test_an_idle_worker_writes_nothing() -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert claim(CallbackRecord, at=timezone.now(), lease=LEASE, limit=5) == []
    assert len(seen) == 1
    assert seen[0]["sql"].startswith("SELECT")


def test_a_log_that_cannot_be_written_costs_no_outcome(job: Any) -> None:
    rows(1)

    def keep(row: Any, answer: Any) -> None:
        raise ValueError("log full")

    def apply(row: Any, answer: Any, at: datetime) -> None:
        CallbackRecord.objects.update(process_result="applied")

    drain(job(apply=apply, keep_attempt=keep))
    assert CallbackRecord.objects.get().process_result == "applied"
