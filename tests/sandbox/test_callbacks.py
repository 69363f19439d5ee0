"""Callbacks are signed, repeated until acknowledged, spoiled only as asked, and all kept."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import parse_qs

import pytest

from config.sandbox import Sandbox, running
from config.sandbox.posting import Poster
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox.wire import CREATE, ask, digest, order

UNTIL_DISPATCHED = 600
UNTIL_SIGNED = 40 * 3600


def contents(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(row["content"]) for row in receiver.came]


def statuses(receiver: Receiver) -> list[str]:
    return [content["status"] for content in contents(receiver)]


def test_a_callback_is_links_envelope_turned_round(sandbox: Sandbox, receiver: Receiver) -> None:
    created = ask(sandbox, CREATE, order("N1"))
    sandbox.step(UNTIL_DISPATCHED)
    (came,) = receiver.came
    assert came["verified"]
    assert came["type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    form = came["form"]
    assert set(form) == {
        "logistics_interface", "data_digest", "msg_type", "msg_id", "from_code", "partner_code"
    }  # fmt: skip
    assert form["msg_type"] == b"TMS_UPDATE_ORDER_CALLBACK"
    assert (form["from_code"], form["partner_code"]) == (b"CNCTP", sandbox.app_key.encode())
    assert len(form["msg_id"]) == 36
    content = json.loads(came["content"])
    assert "已派单".encode() in came["content"]
    assert content["orderCode"] == created["orderCode"]
    assert content["tradeOrderNo"] == "N1"
    assert content["mailNo"] == created["mailNo"]
    assert content["status"] == "dispatched"
    assert content["courierName"]
    assert content["courierPhone"].startswith("13")
    assert "freight" not in content


def test_a_callback_secret_signs_in_place_of_the_app_secret(sandbox: Sandbox) -> None:
    with receiving("callback secret") as receiver:
        sandbox.account(
            app_key="A", app_secret="app secret", callback_secret="callback secret",
            callback_url=receiver.url,
        )  # fmt: skip
        ask(sandbox, CREATE, order("N1"), app_key="A", secret="app secret")
        sandbox.step(UNTIL_DISPATCHED)
        assert [row["verified"] for row in receiver.came] == [True]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (401, b'{"success":false,"errorCode":"S02"}'),
        (200, b'{"success":false}'),
        (200, b"success"),
        (201, b'{"success":true}'),
        (302, b'{"success":true}'),
    ],
)
def test_what_is_not_acknowledged_comes_again_byte_by_byte_the_same(
    sandbox: Sandbox, receiver: Receiver, status: int, body: bytes
) -> None:
    sandbox.journey("none")
    ask(sandbox, CREATE, order("N1"))
    receiver.answers = [(status, body)]
    pushed = sandbox.push("picked", tradeOrderNo="N1")
    assert pushed["acknowledged"] is False
    assert sandbox.step(1790) == []
    (again,) = sandbox.step(20)
    assert (again["number"], again["acknowledged"]) == (2, True)
    assert sandbox.step(86_400) == []
    first, second = receiver.came
    assert first == second


def test_three_repetitions_at_growing_intervals_and_then_it_gives_up(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.journey("none")
    ask(sandbox, CREATE, order("N1"))
    receiver.answers = [(500, b"down")] * 9
    sandbox.push("picked", tradeOrderNo="N1")
    assert len(receiver.came) == 1
    for wait, came in ((1800, 2), (3600, 3), (7200, 4), (86_400, 4)):
        sandbox.step(wait)
        assert len(receiver.came) == came
    (callback,) = sandbox.parcel("N1")["callbacks"]  # type: ignore[index]
    assert callback["acknowledged"] is False
    assert [attempt["http_status"] for attempt in callback["attempts"]] == [500] * 4
    assert callback["attempts"][0]["answer"] == "down"
    assert sandbox.state()["counters"]["callbacks"] == {"attempts": 4}


@pytest.mark.parametrize(
    "answer", [b'{"success":"true"}', b"<response><success>true</success></response>"]
)
def test_an_acknowledgement_may_be_a_string_or_xml(
    sandbox: Sandbox, receiver: Receiver, answer: bytes
) -> None:
    receiver.answers = [(200, answer)]
    assert sandbox.push("picked", tradeOrderNo="N1")["acknowledged"] is True


def test_a_receiver_that_was_not_there_is_tried_again(sandbox: Sandbox) -> None:
    sandbox.account(app_key="A", app_secret="s", callback_url="http://127.0.0.1:1/nobody")
    failed = sandbox.push("picked", tradeOrderNo="N1", app_key="A")
    assert failed["attempts"][0]["http_status"] is None
    assert "ConnectionRefused" in failed["attempts"][0]["error"]
    assert [row["number"] for row in sandbox.step(86_400)] == [2, 3, 4]


def test_a_receiver_that_never_answers_is_left_after_the_deadline() -> None:
    with receiving("s") as receiver:
        receiver.slowness = 30
        answer = Poster(deadline_s=0.2).post(
            receiver.url, b"logistics_interface=x&data_digest=y", {}
        )
        assert (answer.status, answer.error) == (None, "timeout")


def test_an_answer_that_only_drips_is_left_after_the_deadline() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
            while True:
                connection.sendall(b"x")
                time.sleep(0.01)

    thread = threading.Thread(target=drip)
    thread.start()
    with listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        answer = Poster(deadline_s=0.2).post(url, b"x", {})
        thread.join()
    assert (answer.status, answer.error) == (None, "timeout")


def test_a_dropped_callback_is_never_sent(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.fault("callback", "drop", match={"status": "picked"})
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(UNTIL_SIGNED)
    assert "picked" not in statuses(receiver)
    assert statuses(receiver)[0] == "dispatched"
    assert statuses(receiver)[-1] == "signed"
    picked = sandbox.parcel("N1")["callbacks"][1]  # type: ignore[index]
    assert picked["attempts"][0]["fault"] == "drop"


def test_a_delayed_callback_comes_behind_newer_ones(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.fault("callback", "delay", match={"status": "dispatched"}, delay_s=7200)
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(3 * 3600)
    assert statuses(receiver)[:2] == ["picked", "dispatched"]
    first, second = contents(receiver)[:2]
    assert first["eventTime"] > second["eventTime"]


def test_a_duplicate_callback_comes_twice_the_same(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.fault("callback", "duplicate")
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(UNTIL_DISPATCHED)
    first, second = receiver.came
    assert first == second


def test_reordered_callbacks_change_places(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.fault("callback", "reorder", match={"status": "dispatched"})
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(3600)
    assert statuses(receiver) == ["picked", "dispatched"]


def test_the_longest_pause_of_a_journey_does_not_undo_a_reordering(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.fault("callback", "reorder", match={"status": "in_transit"})
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(UNTIL_SIGNED)
    times = [content["eventTime"] for content in contents(receiver)]
    assert times != sorted(times)
    assert times[:2] + times[4:] == sorted(times[:2] + times[4:])


def test_a_reordered_callback_without_successor_comes_late(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.journey("none")
    ask(sandbox, CREATE, order("N1"))
    sandbox.fault("callback", "reorder")
    assert sandbox.push("picked", tradeOrderNo="N1")["attempts"] == []
    sandbox.step(86_401)
    assert statuses(receiver) == ["picked"]


def test_a_wrong_signature_is_put_right_by_the_repetition(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.fault("callback", "wrong_signature")
    receiver.answers = [(401, b'{"success":false,"errorCode":"S02"}')]
    sandbox.push("picked", tradeOrderNo="N1")
    sandbox.step(1800)
    assert [row["verified"] for row in receiver.came] == [False, True]


def test_a_callback_in_gbk_says_so_and_is_signed_over_its_own_bytes(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.fault("callback", "gbk")
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(UNTIL_DISPATCHED)
    (came,) = receiver.came
    assert came["type"] == "application/x-www-form-urlencoded; charset=GBK"
    assert came["verified"]
    with pytest.raises(UnicodeDecodeError):
        came["content"].decode("utf-8")
    assert "已派单" in json.loads(came["content"].decode("gbk"))["statusDesc"]


def test_an_unknown_status_is_signed_rightly(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.fault("callback", "unknown_status")
    ask(sandbox, CREATE, order("N1"))
    sandbox.step(UNTIL_DISPATCHED)
    assert statuses(receiver) == ["ZZ_UNMAPPED"]
    assert receiver.came[0]["verified"]


def test_a_star_never_means_callbacks(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.fault("*", "drop")
    sandbox.push("picked", tradeOrderNo="N1")
    assert statuses(receiver) == ["picked"]


def test_without_an_address_a_callback_is_composed_and_kept(sandbox: Sandbox) -> None:
    ask(sandbox, CREATE, order("N1"))
    (kept,) = sandbox.step(UNTIL_DISPATCHED)
    assert (kept["http_status"], kept["error"]) == (None, "no callback address")
    form = parse_qs(kept["body"], encoding="utf-8")
    content = form["logistics_interface"][0]
    assert form["data_digest"] == [digest(content.encode(), sandbox.secret())]
    assert json.loads(content)["status"] == "dispatched"


def test_a_function_may_take_the_place_of_http() -> None:
    taken: list[tuple[str, bytes]] = []

    def deliver(url: str, body: bytes, _headers: Any) -> tuple[int, bytes]:
        taken.append((url, body))
        return 200, b'{"success":true}'

    with running(callback_base="http://testserver/", deliver=deliver) as sandbox:
        assert sandbox.push("picked", tradeOrderNo="N1")["acknowledged"] is True
    assert [url for url, _ in taken] == ["http://testserver/api/platform/cainiao/callback"]


def test_a_function_that_breaks_is_seen_by_whoever_steps() -> None:
    def deliver(url: str, body: bytes, headers: Any) -> tuple[int, bytes]:
        raise RuntimeError("the view broke")

    with running(callback_base="http://testserver", deliver=deliver) as sandbox:
        ask(sandbox, CREATE, order("N1"))
        with pytest.raises(RuntimeError, match="the view broke"):
            sandbox.step(UNTIL_DISPATCHED)
