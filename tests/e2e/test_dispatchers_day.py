"""A dispatcher's day in a real browser: riders, a tenant's broken server, the public page."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browser import Visitor
from tests.e2e.house import House

pytestmark = pytest.mark.timeout(300)
OPERATOR, PASSWORD = "paidan", "Tonglu-e2e-2026"
TENANT, SHOP = "wx-noodles", "桐庐一路顺风面馆"
LI, WANG = "李飞", "王建国"
RECEIVER = "13800138000"
# As an order is that nobody took for seven minutes, and the link that its receiver was given.
AGED = """
from datetime import timedelta
from django.db.models import F
from config.kernel.numbers import link_token
from delivery.models import DeliveryOrder
from delivery.states import LINK_KIND
late = DeliveryOrder.objects.filter(external_order_no="W-2")
late.update(created_at=F("created_at") - timedelta(minutes=7))
print(link_token(LINK_KIND, DeliveryOrder.objects.get(external_order_no="W-1").pk))
"""


@dataclass(slots=True)
class Receiver:
    """A tenant's server: what it answers now, and what it was told."""

    url: str = ""
    code: int = -1
    told: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, body: bytes) -> bytes:
        if self.code == 0:
            self.told.append(json.loads(body))
        message = "success" if self.code == 0 else "订单不存在"
        return json.dumps({"code": self.code, "message": message}, ensure_ascii=False).encode()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = receiver.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_arguments: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/callback"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()


class Day:
    """One dispatcher, one browser, one house; each method is a path."""

    def __init__(self, house: House, visitor: Visitor, receiver: Receiver) -> None:
        self.house, self.visitor, self.page = house, visitor, visitor.page
        self.receiver = receiver
        self.secret = self.link = ""
        self.numbers: list[str] = []
        self.tokens: dict[str, str] = {}
        self.order_path = ""

    def post(self, path: str, token: str = "", **data: object) -> Any:
        request = urllib.request.Request(f"{self.house.url}/api/{path}", json.dumps(data).encode())
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = json.load(answer)
        assert said["code"] == 0, said
        return said["data"]

    def said(self, text: str) -> None:
        expect(self.page.locator("ul.messagelist")).to_contain_text(text)

    def press(self, label: str) -> None:
        self.page.locator(".object-tools").get_by_text(label, exact=True).click()

    def confirm(self, reason: str = "") -> None:
        if reason:
            self.page.fill("#id_reason", reason)
        self.page.locator("#content .submit-row input.default").click()

    def lane(self, name: str) -> Locator:
        return self.page.locator(f".lane-{name}")

    def board(self) -> None:
        self.visitor.go("/admin/dispatch/")

    def log_in(self) -> None:
        self.visitor.go("/admin/")
        self.page.fill("#id_username", OPERATOR)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("input[type=submit]")
        self.page.locator("#nav-sidebar, #content").get_by_text("调度台").first.click()
        expect(self.lane("unassigned")).to_contain_text("暂无")
        expect(self.page.locator(".board-riders")).to_contain_text("没有在线骑手")
        self.visitor.glance("d01-board-of-an-empty-platform")

    def make_rider(self) -> None:
        self.visitor.go("/admin/delivery/rider/add/")
        self.page.fill("#id_name", LI)
        self.page.fill("#id_phone", "12345")
        self.page.fill("#id_username", "lifei")
        self.page.fill("#id_password", PASSWORD)
        self.page.fill("#id_repeated", PASSWORD)
        self.page.locator("input[name=_save]").first.click()
        expect(self.page.locator(".errorlist").first).to_be_visible()
        self.visitor.glance("d02-rider-refused")
        self.page.fill("#id_phone", "13800138001")
        self.page.fill("#id_area", "城南街道")
        self.page.fill("#id_password", PASSWORD)
        self.page.fill("#id_repeated", PASSWORD)
        self.page.locator("input[name=_continue]").first.click()
        self.said(LI)
        self.visitor.glance("d03-rider")

    def riders_come_on_duty(self) -> None:
        for name, lng in (("lifei", 119.690), ("wangjianguo", 119.700)):
            login = self.post("rider/login", username=name, password=PASSWORD)
            self.tokens[name] = login["token"]
            self.post("rider/duty", login["token"], on_duty=True, lat=29.797, lng=lng)

    def orders_come_in(self) -> None:
        for number in (1, 2, 3):
            made = self.post(
                "external/order/receive",
                platform_code=TENANT, api_secret=self.secret, external_order_no=f"W-{number}",
                merchant_name=SHOP, merchant_phone="0571-64001234",
                merchant_address="浙江省杭州市桐庐县迎春南路1号", merchant_lat=29.797,
                merchant_lng=119.685, receiver_name="王小明", receiver_phone=RECEIVER,
                receiver_address="浙江省杭州市桐庐县学圣路23号4幢502室", receiver_lat=29.803,
                receiver_lng=119.691, goods_info='[{"name": "片儿川", "quantity": 2}]',
                goods_amount=35.5, delivery_fee=6, total_amount=41.5, remark="少放辣",
            )  # fmt: skip
            self.numbers.append(made["order_no"])
        self.link = self.house.manage("shell", "-v0", "-c", AGED).split()[-1]

    def look_at_the_board(self) -> None:
        self.board()
        first, late, third = self.numbers
        cards = self.lane("unassigned").locator(".card")
        expect(cards).to_have_count(2)
        expect(cards.first).to_contain_text(first)
        expect(cards.last).to_contain_text(third)
        expect(self.lane("at-risk").locator(".card")).to_contain_text([late])
        expect(self.lane("at-risk")).to_contain_text("7 分钟")
        expect(self.page.locator(".board-riders tbody tr")).to_have_count(2)
        assert RECEIVER not in self.page.content()
        self.visitor.glance("d04-board")

    def assign(self) -> None:
        card = self.page.locator(".card", has_text=self.numbers[0])
        card.get_by_text("派单", exact=True).click()
        riders = self.page.locator("#id_rider label")
        expect(riders).to_have_count(2)
        expect(riders.first).to_contain_text(LI)  # the nearest
        self.visitor.glance("d05-assign")
        riders.first.click()
        self.confirm()
        self.said(LI)
        # Back on the board, with a way to the order.
        expect(self.lane("under-way").locator(".card")).to_contain_text([LI])
        self.page.locator(".messagelist a", has_text=self.numbers[0]).click()
        self.page.wait_for_url("**/deliveryorder/*/change/")
        self.order_path = re.sub(r"https?://[^/]+", "", self.page.url)

    def reassign(self) -> None:
        self.press("改派")
        self.page.locator("#id_rider label", has_text=WANG).click()
        self.confirm("李飞的车胎破了")
        self.said(WANG)

    def rider_rides(self) -> None:
        token = self.tokens["wangjianguo"]
        self.post("rider/position", token, lat=29.7975, lng=119.695)
        self.board()
        link = self.page.locator(".lane-unassigned .card-head a")
        link.focus()
        self.post(f"rider/orders/{self.numbers[0]}/arrive", token)
        late = self.page.locator(".card", has_text=self.numbers[1])
        self.post(f"rider/orders/{self.numbers[1]}/accept", token)
        # What the clock does every 15 seconds; who stands on a link stays there.
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(late).to_contain_text(WANG)
        expect(link).to_be_focused()
        expect(self.lane("under-way").locator(".card")).to_contain_text([WANG, WANG])

    def look_at_the_order(self) -> None:
        self.visitor.go(self.order_path)
        expect(self.page.locator(".map-rider")).to_be_visible()
        expect(self.page.locator("#content")).to_contain_text("李飞的车胎破了")
        assert RECEIVER not in self.page.content()
        self.visitor.glance("d06-order")

    def event_is_refused(self) -> None:
        self.visitor.go("/admin/accounts/tenantevent/")
        row = self.page.locator("#result_list tbody tr", has_text=self.numbers[0]).last
        expect(row).to_contain_text("应答不是 code 为 0")
        self.visitor.glance("d07-callbacks")
        row.locator("th a").click()
        expect(self.page.locator("table.attempts")).to_contain_text("订单不存在")
        expect(self.page.locator("table.attempts")).to_contain_text("被拒")
        self.visitor.glance("d08-event-refused")

    def resend(self) -> None:
        self.receiver.code = 0
        path = self.page.url.removeprefix(self.house.url)
        self.press("再次发送")
        self.confirm("商家修好了")
        ends = time.monotonic() + 30
        while "已送达" not in self.page.locator(".fieldBox.field-status_said").inner_text():
            assert time.monotonic() < ends, "the event never arrived"
            time.sleep(0.3)
            self.visitor.go(path)
        assert [one["sequence"] for one in self.receiver.told][:1] == [1]
        self.visitor.glance("d09-event-delivered")

    def endpoint(self) -> None:
        self.visitor.go("/admin/accounts/callbackendpoint/")
        self.visitor.glance("d10-endpoints")
        self.page.locator("#result_list tbody .field-server a").first.click()
        path = self.page.url.removeprefix(self.house.url)
        self.visitor.go(path)
        self.press("发送测试事件")
        self.confirm("请商家看看")
        self.said("evt_")
        self.visitor.go(path)
        self.press("暂停")
        self.confirm("商家要停机一小时")
        self.visitor.go(path)
        expect(self.page.locator(".field-state_said")).to_contain_text("已暂停")
        self.visitor.glance("d11-endpoint-paused")
        self.visitor.go("/admin/")
        self.visitor.glance("d12-home")
        self.visitor.go(path)
        self.press("恢复")
        self.confirm("商家恢复了")
        self.visitor.go(path)
        expect(self.page.locator(".field-state_said")).to_contain_text("正常")

    def track(self) -> None:
        for language, words in (("zh", "骑手"), ("en", "rider")):
            self.visitor.go(f"/t/{self.link}?lang={language}")
            expect(self.page.locator("main")).to_contain_text(re.compile(words, re.IGNORECASE))
            assert RECEIVER not in self.page.content()
            assert not self.visitor.widest()
            self.visitor.glance(f"d13-tracking-{language}")

    def other_pages(self) -> None:
        for number, (path, name) in enumerate(
            (("delivery/deliveryorder/", "deliveries"), ("delivery/rider/", "riders"),
             ("delivery/dispatchoffer/", "offers"), ("delivery/pricerule/add/", "price-rule"),
             ("delivery/deliverysettings/add/", "delivery-settings"),
             ("accounts/tenant/1/change/", "tenant")), 14,
        ):  # fmt: skip
            self.visitor.go(f"/admin/{path}")
            self.visitor.glance(f"d{number}-{name}")


def test_a_dispatchers_day(house: House, visitor: Visitor) -> None:
    with receiving() as receiver:
        day = Day(house, visitor, receiver)
        manage, secret = house.manage, {"TONGLU_PASSWORD": PASSWORD}
        manage("create_operator", "--username", OPERATOR, "--role", "platform_admin", **secret)
        names = ("--username", "wangjianguo", "--name", WANG, "--phone", "13800138002")
        manage("create_rider", *names, **secret)
        made = manage(
            "create_tenant", "--code", TENANT, "--name", SHOP, "--callback-url", receiver.url
        )
        day.secret = json.loads(made)["api_secret"]
        for path in (
            day.log_in, day.make_rider, day.riders_come_on_duty, day.orders_come_in,
            day.look_at_the_board, day.assign, day.reassign, day.rider_rides,
            day.look_at_the_order, day.event_is_refused, day.resend, day.endpoint, day.track,
            day.other_pages,
        ):  # fmt: skip
            path()
