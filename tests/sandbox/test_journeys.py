"""Parcels travel as in life: in order, in time, to the end that was chosen for them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from config.sandbox import Sandbox, running
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox.wire import CREATE, QUERY, RECEIVER, ask, order

WELL = ["dispatched", "picked", "in_transit", "delivering", "signed"]


def came(receiver: Receiver, trade_order_no: str = "N1") -> list[dict[str, Any]]:
    contents = [json.loads(row["content"]) for row in receiver.came]
    return [content for content in contents if content["tradeOrderNo"] == trade_order_no]


def path(receiver: Receiver, trade_order_no: str = "N1") -> list[str]:
    """Statuses in order, neighbours that are equal told once."""
    said: list[str] = []
    for content in came(receiver, trade_order_no):
        if content["status"] not in said[-1:]:
            said.append(content["status"])
    return said


def test_a_whole_journey_reaches_the_receiver_signed_and_in_order(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    created = ask(sandbox, CREATE, order("N1"))
    begun = sandbox.world.now()
    sandbox.step(40 * 3600)
    assert path(receiver) == WELL
    assert all(row["verified"] for row in receiver.came)
    contents = came(receiver)
    assert 2 <= sum(content["status"] == "in_transit" for content in contents) <= 3
    times = [
        datetime.strptime(content["eventTime"], "%Y-%m-%d %H:%M:%S").replace(
            tzinfo=timezone(timedelta(hours=8))
        )
        for content in contents
    ]
    assert times == sorted(set(times))
    waits = [moment - begun for moment in times]
    assert timedelta(minutes=4) <= waits[0] <= timedelta(minutes=6)
    assert timedelta(minutes=36) <= waits[1] <= timedelta(minutes=54)
    assert timedelta(hours=22) <= waits[-1] <= timedelta(hours=30)
    for content in contents[1:]:
        assert Decimal(content["freight"]) >= 8
        assert Decimal(content["weight"]) >= Decimal("1.200")
        assert content["mailNo"] == created["mailNo"]
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["status"] == "signed"
    assert sandbox.state()["pending"] == 0


def test_the_clock_begins_at_the_real_time(sandbox: Sandbox) -> None:
    assert abs(sandbox.world.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_same_seed_gives_the_same_journey(sandbox: Sandbox) -> None:
    def gaps(found: Sandbox) -> list[float]:
        ask(found, CREATE, order("N1"))
        start = found.world.now()
        found.step(40 * 3600)
        events = found.parcel("N1")["events"]  # type: ignore[index]
        return [round((datetime.fromisoformat(e["time"]) - start).total_seconds()) for e in events]

    here = gaps(sandbox)
    with running(seed=0) as same, running(seed=7) as other:
        again, elsewhere = gaps(same), gaps(other)
    assert all(abs(a - b) <= 1 for a, b in zip(here, again, strict=True))
    assert here != elsewhere


ENDINGS = {
    "rejected": [*WELL[:4], "rejected"],
    "exception": ["dispatched", "picked", "in_transit", "exception", *WELL[2:]],
    "pickup_failed": ["dispatched", "exception", *WELL[1:]],
    "station": [*WELL[:4], "station_hold", "signed"],
    "returned": [*WELL[:4], "exception", "returned"],
    "cancelled": ["dispatched", "cancelled"],
    "reweighed": WELL,
    "none": [],
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("way", ["remark", "receiver", "control", "all"])
def test_an_ending_can_be_chosen(
    sandbox: Sandbox, receiver: Receiver, ending: str, way: str
) -> None:
    changed: dict[str, Any] = {}
    if way == "remark":
        changed = {"remark": f"易碎 #{ending.replace('_', '-')}"}
    elif way == "receiver":
        changed = {"receiver": {**RECEIVER, "remark": f"#{ending}"}}
    elif way == "control":
        sandbox.journey(ending, "N1")
    else:
        sandbox.journey(ending)
    ask(sandbox, CREATE, order("N1", **changed))
    sandbox.step(90 * 3600)
    assert path(receiver) == ENDINGS[ending]


def test_a_failed_pick_up_sends_another_courier(sandbox: Sandbox, receiver: Receiver) -> None:
    ask(sandbox, CREATE, order("N1", remark="#pickup-failed"))
    sandbox.step(6 * 3600)
    first, failed, picked = came(receiver)[:3]
    assert "揽收失败" in failed["statusDesc"]
    assert "freight" not in failed
    assert picked["courierPhone"] != first["courierPhone"]
    assert failed["eventTime"] < picked["eventTime"]


def test_a_corrected_weight_changes_the_freight(sandbox: Sandbox, receiver: Receiver) -> None:
    ask(sandbox, CREATE, order("N1", remark="#reweighed"))
    sandbox.step(40 * 3600)
    picked, later = came(receiver)[1:3]
    assert Decimal(later["weight"]) - Decimal(picked["weight"]) == Decimal("1.500")
    assert Decimal(later["freight"]) > Decimal(picked["freight"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("numbers", ["200", "400", "500", "600", "1000"]),
        ("words", ["ACCEPT", "GOT", "TRANSPORT", "SENT", "SIGNED"]),
    ],
)
def test_an_account_may_speak_another_dialect(words: str, said: list[str]) -> None:
    with running() as sandbox, receiving("s") as receiver:
        sandbox.account(app_key="A", app_secret="s", callback_url=receiver.url, status_words=words)
        ask(sandbox, CREATE, order("N1"), app_key="A", secret="s")
        sandbox.step(40 * 3600)
        assert path(receiver) == said
        found = ask(sandbox, QUERY, {"tradeOrderNo": "N1"}, app_key="A", secret="s")
        assert found["status"] == said[-1]


def test_a_held_parcel_waits_and_goes_on_when_released(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    ask(sandbox, CREATE, order("N1"))
    ask(sandbox, CREATE, order("N2"))
    sandbox.step(600)
    sandbox.hold("N1")
    sandbox.step(40 * 3600)
    assert (path(receiver), path(receiver, "N2")) == (["dispatched"], WELL)
    sandbox.release("N1")
    sandbox.step(0)
    assert path(receiver) == ["dispatched", "picked"]
    sandbox.step(40 * 3600)
    assert path(receiver) == WELL


def test_a_hold_released_in_time_changes_nothing(sandbox: Sandbox, receiver: Receiver) -> None:
    ask(sandbox, CREATE, order("N1"))
    sandbox.hold("N1")
    sandbox.step(60)
    sandbox.release("N1")
    sandbox.step(40 * 3600)
    assert path(receiver) == WELL


def test_a_push_moves_the_parcel_forward_only(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.journey("none")
    ask(sandbox, CREATE, order("N1"))
    for status, stands in (
        ("delivering", "delivering"),
        ("picked", "delivering"),
        ("exception", "exception"),
        ("in_transit", "in_transit"),
        ("ZZ", "in_transit"),
        ("signed", "signed"),
        ("rejected", "signed"),
    ):
        sandbox.push(status, tradeOrderNo="N1")
        assert sandbox.parcel("N1")["status"] == stands  # type: ignore[index]
    assert len(came(receiver)) == 7


def test_a_pushed_end_ends_the_journey(sandbox: Sandbox, receiver: Receiver) -> None:
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(600)
    sandbox.push("signed", tradeOrderNo="N1")
    sandbox.step(40 * 3600)
    assert path(receiver) == ["dispatched", "signed"]


def test_a_push_says_what_it_is_given_and_leaves_out_what_is_null(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    ask(sandbox, CREATE, order("N1"))
    given: dict[str, Any] = {"eventTime": "2026-01-02 03:04:05", "freight": 12.5, "note": "加急"}
    sandbox.push(400, tradeOrderNo="N1", orderCode=None, mailNo=None, **given)
    (content,) = came(receiver)
    assert {name: content[name] for name in given} == given
    assert content["status"] == 400
    assert "orderCode" not in content
    assert "mailNo" not in content
    parcel = sandbox.parcel("N1")
    assert parcel is not None
    assert parcel["status"] == "picked"
    assert parcel["events"][0]["time"] == "2026-01-02T03:04:05+08:00"


def test_a_push_about_an_order_not_yet_known_carries_the_number_it_will_have(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.push("dispatched", tradeOrderNo="N1")
    assert sandbox.parcel("N1")["status"] is None  # type: ignore[index]
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["errorCode"] == "ORDER_NOT_FOUND"
    assert came(receiver)[0]["orderCode"] == ask(sandbox, CREATE, order("N1"))["orderCode"]


def test_a_push_finds_the_order_by_cainiaos_number(sandbox: Sandbox, receiver: Receiver) -> None:
    code = ask(sandbox, CREATE, order("N1"))["orderCode"]
    sandbox.push("picked", orderCode=code)
    assert came(receiver)[0]["orderCode"] == code


def test_a_short_journey_lasts_as_long_as_asked_with_a_second_between_scans() -> None:
    with running(journey=10) as sandbox:
        ask(sandbox, CREATE, order("N1"))
        assert sandbox.step(9.5)[-1]["status"] == "delivering"
        assert [row["status"] for row in sandbox.step(0.6)] == ["signed"]
        times = [event["time"] for event in sandbox.parcel("N1")["events"]]  # type: ignore[index]
        assert times == sorted(set(times))


def until(done: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert done()


def test_with_a_running_clock_many_parcels_arrive_each_in_order() -> None:
    names = [f"N{number}" for number in range(12)]
    with running(manual=False, journey=1.0) as sandbox, receiving(sandbox.secret()) as receiver:
        sandbox.account(
            app_key=sandbox.app_key, app_secret=sandbox.secret(), callback_url=receiver.url
        )
        for name in names:
            ask(sandbox, CREATE, order(name))
        until(lambda: all(path(receiver, name)[-1:] == ["signed"] for name in names))
        assert all(path(receiver, name) == WELL for name in names)
        assert all(row["verified"] for row in receiver.came)


def test_a_fast_clock_makes_hours_of_seconds() -> None:
    with running(manual=False, speed=36_000) as sandbox:
        ask(sandbox, CREATE, order("N1"))
        until(lambda: sandbox.parcel("N1")["status"] == "signed")  # type: ignore[index]
        with pytest.raises(ValueError, match="--manual"):
            sandbox.step(1)
