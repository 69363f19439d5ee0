"""The control door does over HTTP what tests do in process, for this machine only."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from config.sandbox import Sandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.wire import BRANCH, CREATE, ask, order


def request(
    sandbox: Sandbox,
    method: str,
    path: str,
    content: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    try:
        body = None if content is None else json.dumps(content).encode()
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        with response:
            return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_it_is_alive(sandbox: Sandbox) -> None:
    assert request(sandbox, "GET", "/healthz") == (200, {"ok": True})


def test_a_journey_can_be_steered_over_http(sandbox: Sandbox, receiver: Receiver) -> None:
    control = "/_control"
    assert request(sandbox, "POST", f"{control}/journeys", {"ending": "rejected"})[0] == 200
    ask(sandbox, CREATE, order("N1"))
    status, stepped = request(sandbox, "POST", f"{control}/step", {"seconds": 600})
    assert status == 200
    assert [row["status"] for row in stepped["sent"]] == ["dispatched"]
    hold = {"system": "cainiao", "tradeOrderNo": "N1"}
    assert request(sandbox, "POST", f"{control}/hold", hold)[1]["held"] is True
    assert request(sandbox, "POST", f"{control}/release", hold)[1]["held"] is False
    pushed = request(sandbox, "POST", f"{control}/push", {**hold, "status": "picked"})[1]
    assert pushed["acknowledged"] is True
    state = request(sandbox, "GET", f"{control}/state?system=cainiao&tradeOrderNo=N1")[1]
    (parcel,) = state["parcels"]
    assert (parcel["status"], parcel["journey"]) == ("picked", "rejected")
    assert len(parcel["callbacks"]) == len(receiver.came) == 2
    assert "secret" not in json.dumps(state).lower()
    assert request(sandbox, "GET", f"{control}/state?tradeOrderNo=N9")[1]["parcels"] == []


def test_faults_are_added_listed_and_removed(sandbox: Sandbox) -> None:
    wish = {"system": "cainiao", "on": BRANCH, "kind": "refuse", "times": 3, "errorCode": "B"}
    assert request(sandbox, "POST", "/_control/faults", wish) == (200, {"id": 1})
    request(sandbox, "POST", "/_control/faults", {**wish, "on": "callback", "kind": "gbk"})
    question = {"cpCode": "YTO", "province": "浙江省"}
    assert ask(sandbox, BRANCH, question)["errorCode"] == "B"
    rows = request(sandbox, "GET", "/_control/faults")[1]["faults"]
    assert [(row["id"], row["kind"], row["met"]) for row in rows] == [
        (1, "refuse", 1),
        (2, "gbk", 0),
    ]
    assert request(sandbox, "DELETE", "/_control/faults?id=1")[1] == {"removed": 1}
    assert ask(sandbox, BRANCH, question)["success"] is True
    assert request(sandbox, "DELETE", "/_control/faults")[1] == {"removed": 1}


def test_a_reset_forgets_all_but_the_first_account(sandbox: Sandbox) -> None:
    sandbox.account(app_key="A", app_secret="s")
    sandbox.journey("rejected")
    sandbox.fault("*", "drop")
    sandbox.control("faults", method="DELETE")
    ask(sandbox, CREATE, order("N1"))
    assert request(sandbox, "POST", "/_control/reset")[0] == 200
    state = sandbox.state()
    assert (state["parcels"], state["pending"], state["journeys"]) == ([], 0, {})
    assert [account["app_key"] for account in state["accounts"]] == ["tonglu-sandbox"]
    assert ask(sandbox, CREATE, order("N1"))["success"] is True


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "faults", {"on": "*", "kind": "explode"}),
        ("POST", "faults", {"on": "callback", "kind": "huge"}),
        ("POST", "faults", {"on": "*", "kind": "gbk"}),
        ("POST", "faults", {"kind": "drop"}),
        ("POST", "faults", {"on": "*", "kind": "drop", "times": 0}),
        ("POST", "faults", {"on": "*", "kind": "drop", "times": "often"}),
        ("POST", "faults", {"on": "*", "kind": "drop", "match": "N1"}),
        ("POST", "faults", {"on": "*", "kind": "drop", "typo": 1}),
        ("POST", "faults", {"system": "nobody", "on": "*", "kind": "drop"}),
        ("POST", "faults", [1]),
        ("POST", "step", {"seconds": "many"}),
        ("POST", "accounts", {"app_key": "A"}),
        ("POST", "accounts", {"app_key": "A", "app_secret": "s", "sign_method": "rsa"}),
        ("POST", "accounts", {"app_key": "A", "app_secret": "s", "status_words": "x"}),
        ("POST", "accounts", {"app_key": "A", "app_secret": "s", "callback_url": "file:///x"}),
        ("POST", "accounts", {"app_key": "A", "app_secret": "s", "typo": "x"}),
        ("POST", "push", {"tradeOrderNo": "N1"}),
        ("POST", "push", {"tradeOrderNo": "N1", "status": "x", "app_key": "nobody"}),
        ("POST", "hold", {"tradeOrderNo": "N1"}),
        ("POST", "journeys", {"ending": "lost"}),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    sandbox: Sandbox, method: str, path: str, content: Any
) -> None:
    status, answer = request(sandbox, method, f"/_control/{path}", content)
    assert status == 400
    assert answer["error"]
    assert sandbox.control("faults", method="GET") == {"faults": []}


def test_there_are_no_other_commands(sandbox: Sandbox) -> None:
    assert request(sandbox, "GET", "/_control/secrets")[0] == 404
    assert request(sandbox, "PUT", "/_control/step")[0] == 404


def test_a_web_page_may_not_steer(sandbox: Sandbox) -> None:
    origin = {"Origin": "https://example.com"}
    assert request(sandbox, "POST", "/_control/reset", {}, origin)[0] == 403
    host = {"Host": "rebound.example.com"}
    assert request(sandbox, "GET", "/healthz", None, host)[0] == 403
    assert request(sandbox, "GET", "/healthz", None, {"Host": "localhost:1"})[0] == 200
