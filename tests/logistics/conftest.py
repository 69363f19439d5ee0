"""A platform with one live account on the sandbox, a default rule, and a tenant with a quota."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from accounts.models import Tenant
from config.kernel.work import drain
from config.sandbox import Sandbox, running
from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder
from logistics.services import accounts
from logistics.services.handling import CALLBACKS
from logistics.services.work import ORDERS
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, issue
from tests.signing import TenantClient

URL = "/api/v1/express-orders"
DOOR = "/api/platform/cainiao/callback"
FORM = "application/x-www-form-urlencoded"
PARCEL: dict[str, Any] = {
    "receiver_name": "张三丰",
    "receiver_phone": "13800138000",
    "receiver_address": "浙江省杭州市余杭区文一西路969号",
    "goods_name": "茶叶",
    "weight": "1.250",
}


def deliver(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """A callback's way from the sandbox to our door, without a port in between."""
    content_type = {name.lower(): value for name, value in headers.items()}["content-type"]
    answer = Client().generic("POST", urlsplit(url).path, body, content_type)
    return answer.status_code, answer.content


@pytest.fixture(scope="session")
def world() -> Iterator[Sandbox]:
    with running(callback_base="http://testserver", deliver=deliver) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(world: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    world.reset()
    cache.clear()
    monkeypatch.setattr(accounts, "DEADLINE_SECONDS", 0.6)
    return world


@pytest.fixture
def account(sandbox: Sandbox) -> CainiaoAccount:
    return AccountFactory(
        app_key=sandbox.app_key, app_secret=sandbox.secret(), endpoint_url=sandbox.cainiao_url
    )


@pytest.fixture
def tenant(account: CainiaoAccount) -> Tenant:
    RuleFactory()
    return QuotaFactory(monthly_free_quota=100).tenant


@pytest.fixture
def client(tenant: Tenant) -> TenantClient:
    return TenantClient(*issue(tenant))


def due_rows() -> list[Any]:
    times = [
        model.objects.filter(due_at__isnull=False).aggregate(last=Max("due_at"))["last"]
        for model in (ExpressOrder, CallbackRecord)
    ]
    return [time for time in times if time is not None]


@pytest.fixture
def work() -> Iterator[Callable[..., None]]:
    """Let the workers run until nothing is due, the clock jumping over every pause."""
    with time_machine.travel(timezone.now(), tick=True) as clock:

        def until_idle(most: int = 40, within: timedelta = timedelta(hours=2)) -> None:
            start = timezone.now()
            for _ in range(most):
                drain(ORDERS, threads=4)
                drain(CALLBACKS, threads=4)
                times = due_rows()
                if not times or max(times) > start + within:
                    return
                if max(times) > timezone.now():
                    clock.move_to(max(times) + timedelta(milliseconds=1))
            raise AssertionError(f"still due after {most} rounds")

        until_idle.clock = clock  # type: ignore[attr-defined]
        yield until_idle


@pytest.fixture
def pass_time(work: Any, sandbox: Sandbox) -> Callable[[float], list[dict[str, Any]]]:
    """Let time pass for the carrier and for us alike; returns the callbacks it sent."""

    def hours(seconds: float) -> list[dict[str, Any]]:
        work.clock.move_to(timezone.now() + timedelta(seconds=seconds))
        return sandbox.step(seconds)

    return hours


def only_order() -> ExpressOrder:
    return ExpressOrder.objects.get()


def content(order: ExpressOrder | None, status: object, minutes: float = 0, **more: Any) -> str:
    at = timezone.localtime(timezone.now() + timedelta(minutes=minutes))
    fields: dict[str, Any] = {
        "status": status, "statusDesc": f"状态 {status}",
        "eventTime": at.strftime("%Y-%m-%d %H:%M:%S"),
    }  # fmt: skip
    if order is not None:
        fields |= {"orderCode": order.cainiao_order_id, "tradeOrderNo": order.order_no}
    return json.dumps({**fields, **more}, ensure_ascii=False)


def digest(text: bytes, secret: str) -> str:
    return base64.b64encode(hashlib.md5(text + secret.encode()).digest()).decode()


def post(text: str | bytes, secret: str, **more: str) -> Any:
    raw = text.encode() if isinstance(text, str) else text
    form = {
        "logistics_interface": raw, "data_digest": digest(raw, secret),
        "msg_type": "TMS_UPDATE_ORDER_CALLBACK", "msg_id": "m-1", "from_code": "CNCTP",
        "partner_code": "us", **more,
    }  # fmt: skip
    return Client().post(DOOR, urlencode(form), content_type=FORM)


@pytest.fixture
def order(client: TenantClient, work: Callable[..., None]) -> ExpressOrder:
    client.post(URL, PARCEL)
    work()
    return only_order()


@pytest.fixture
def tell(
    sandbox: Sandbox, order: ExpressOrder, work: Callable[..., None]
) -> Callable[..., ExpressOrder]:
    def told(status: object, minutes: float = 0, **more: Any) -> ExpressOrder:
        answer = post(content(order, status, minutes, **more), sandbox.secret())
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        work()
        return only_order()

    return told
