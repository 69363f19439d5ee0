"""Tenants' own programs against the running product: the guide's client as it stands, and ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ground import free_ports
from tests.e2e.guide import OURS, BackEnd, back_end, until
from tests.e2e.house import House
from tests.mariadb import ROOT

pytestmark = pytest.mark.timeout(180)
SHOP = {"lat": 29.797, "lng": 119.685}
ORDER = {
    "userId": 7, "shopId": 3, "shopName": "桐庐面馆", "shopAddress": "迎春南路1号",
    "shopPhone": "0571-64001234", "shopLat": SHOP["lat"], "shopLng": SHOP["lng"],
    "customerName": "王小明", "customerPhone": "13800138000",
    "customerAddress": "学圣路23号4幢502室", "customerLat": 29.803, "customerLng": 119.691,
    "items": [{"name": "片儿川", "quantity": 2}], "goodsAmount": 35.5, "deliveryFee": 6,
    "totalAmount": 41.5, "remark": "少放辣", "deliveryType": "delivery",
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Rider:
    """A rider's telephone."""

    house: House
    token: str = ""

    def post(self, path: str, **data: object) -> Any:
        request = urllib.request.Request(
            f"{self.house.url}/api/rider/{path}", json.dumps(data).encode()
        )
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]


@pytest.fixture(scope="module")
def folder() -> Path:
    made = Path(os.environ["VAR_DIR"]) / f"tenants-{time.monotonic_ns()}"
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def mini(house: House, folder: Path) -> Iterator[BackEnd]:
    (port,) = free_ports(1)
    callback = f"http://127.0.0.1:{port}/api/delivery/callback"
    tenant = json.loads(
        house.manage(
            "create_tenant",
            "--code",
            "wx-noodles",
            "--name",
            "桐庐面馆",
            "--callback-url",
            callback,
        )
    )
    settings = {
        "DELIVERY_API_URL": tenant["api_base_url"],
        "DELIVERY_PLATFORM_CODE": tenant["platform_code"],
        "DELIVERY_API_KEY": tenant["api_key"],
        "DELIVERY_API_SECRET": tenant["api_secret"],
        "DELIVERY_CALLBACK_URL": callback,
    }
    with back_end(folder / "guide", port, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def rider(house: House) -> Rider:
    names = ("--username", "lifei", "--name", "李飞", "--phone", "13800138001")
    house.manage("create_rider", *names, TONGLU_PASSWORD="Tonglu-e2e-2026")
    login = Rider(house).post("login", username="lifei", password="Tonglu-e2e-2026")
    rider = Rider(house, login["token"])
    rider.post("duty", on_duty=True, **SHOP)
    return rider


def create(mini: BackEnd) -> str:
    """Order at the mini-program; returns the platform's number."""
    made = mini.do("create", **ORDER)
    assert made["success"], made.get("message")
    return str(made["deliveryOrderNo"])


def statuses(mini: BackEnd, order_no: str) -> list[int]:
    return [one["body"]["status"] for one in mini.heard(order_no)]


def test_an_order_of_the_guides_client_is_delivered_and_each_step_is_told(
    mini: BackEnd, rider: Rider
) -> None:
    order_no = create(mini)
    found = mini.do("query", orderNo=order_no)["data"]
    assert (found["status"], found["status_text"], found["rider_name"]) == (0, "待接单", None)
    for step in ("accept", "pickup", "deliver"):
        rider.post(f"orders/{order_no}/{step}")
    until(lambda: len(statuses(mini, order_no)) == 3, "three callbacks")

    assert statuses(mini, order_no) == [1, 2, 3]
    order = mini.order(order_no)
    assert (order["status"], order["deliveryStatus"]) == ("completed", "delivery_completed")
    assert (order["riderName"], order["riderPhone"]) == ("李飞", "13800138001")
    for number, one in enumerate(mini.heard(order_no), 1):
        assert one["answer"] == {"code": 0, "message": "success"}
        assert one["body"]["sequence"] == number
        assert one["headers"]["webhook-id"] == one["body"]["event_id"]
    assert mini.do("query", orderNo=order_no)["data"]["status"] == 3


def test_an_order_it_cancels_is_told_as_cancelled(mini: BackEnd) -> None:
    order_no = create(mini)
    assert mini.do("cancel", orderNo=order_no, reason="客户不要了")["success"] is True
    until(lambda: statuses(mini, order_no) == [4], "the callback")
    assert mini.order(order_no)["status"] == "cancelled"


def test_after_pick_up_it_reads_in_chinese_why_nothing_is_cancelled(
    mini: BackEnd, rider: Rider
) -> None:
    order_no = create(mini)
    rider.post(f"orders/{order_no}/accept")
    rider.post(f"orders/{order_no}/pickup")
    until(lambda: statuses(mini, order_no) == [1, 2], "two callbacks")
    refused, status = mini.ask("cancel", orderNo=order_no, reason="太慢了")
    assert refused["success"] is False
    assert refused["message"].startswith("配送单当前为“已取货”，已不能取消")
    assert status == 200
    assert mini.do("query", orderNo=order_no)["data"]["status"] == 2


def test_a_callback_it_cannot_place_comes_again(mini: BackEnd) -> None:
    order_no = create(mini)
    mini.do("stumble", times=1)
    mini.do("cancel", orderNo=order_no)
    until(lambda: len(statuses(mini, order_no)) == 2, "the second attempt")
    first, second = mini.heard(order_no)
    assert (first["answer"]["code"], second["answer"]["code"]) == (-1, 0)
    assert first["body"] == second["body"]
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
    assert mini.order(order_no)["status"] == "cancelled"


def test_with_a_wrong_secret_it_reads_in_chinese_that_it_is_not_known(mini: BackEnd) -> None:
    order_no = create(mini)
    right = mini.do("secret", secret="sk_wrong")
    try:
        refused, status = mini.ask("query", orderNo=order_no)
    finally:
        mini.do("secret", secret=right)
    assert (refused["success"], status) == (False, 401)
    assert CHINESE.search(refused["message"])
    assert mini.do("query", orderNo=order_no)["success"] is True


def test_the_javascript_of_the_docs_does_what_the_docs_say(house: House) -> None:
    (port,) = free_ports(1)
    tenant = json.loads(
        house.manage(
            "create_tenant", "--code", "js-tea", "--name", "桐庐茶行", "--test-mode",
            "--callback-url", f"http://127.0.0.1:{port}/callbacks",
        )
    )  # fmt: skip
    story = subprocess.run(
        ["node", OURS / "story.js"],
        env={
            "PATH": os.environ["PATH"],
            "DOCS": str(ROOT / "docs" / "clients" / "javascript"),
            "TONGLU_URL": house.url,
            "TONGLU_KEY": tenant["api_key"],
            "TONGLU_SECRET": tenant["api_secret"],
            "CALLBACK_SECRET": tenant["callback_secret"],
            "PORT": str(port),
        },
        capture_output=True, check=False, text=True, timeout=120,
    )  # fmt: skip
    assert story.returncode == 0, story.stderr
    told = json.loads(story.stdout)
    assert told["again"]["order_no"] == told["changed"]["order_no"]
    assert (told["parcel"]["status"], told["parcel"]["is_test"]) == ("created", True)
    assert (told["refused"]["status"], told["refused"]["error"]) == (409, "external_order_no_taken")
    assert told["events"] == [[1, 1], [2, 0], [3, 1]]
    assert (told["delivered"]["sequence"], told["delivered"]["rider_name"]) == (5, "测试骑手乙")
    assert told["returned"]["status"] == "returned"
    assert (told["late"]["status"], told["late"]["error"]) == (409, "delivery_cancel_refused")
