"""Deliveries in the console: acted on with a reason, masked until revealed, drawn where known."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import TenantEvent
from delivery.admin.distances import distance_text
from delivery.admin.orders.sketch import sketch_of
from delivery.models import (
    DeliveryOrder,
    DeliveryProof,
    DeliverySettings,
    DeliveryStep,
    PriceRule,
    Rider,
    RiderPosition,
)
from tests.console.deliveries import make_delivery, make_rider
from tests.console.test_roles import browser_of
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
LIST = "admin:delivery_deliveryorder_changelist"


def page_of(order: DeliveryOrder) -> str:
    return reverse("admin:delivery_deliveryorder_change", args=[order.pk])


def act(client: Client, order: DeliveryOrder, action: str, **values: Any) -> str:
    """Post the action; what the page that follows says."""
    url = reverse("admin:delivery_deliveryorder_act", args=[order.pk, action])
    return str(client.post(url, values, follow=True).content.decode())


def test_an_order_is_assigned_reassigned_taken_back_and_all_is_on_record(
    admin_client: Client,
) -> None:
    first, second = make_rider(name="李雷"), make_rider(name="韩梅梅")
    order = make_delivery()
    assert "李雷" in act(admin_client, order, "assign", rider=first.pk)
    order.refresh_from_db()
    assert (order.status, order.rider_id, order.rider_name) == ("accepted", first.pk, "李雷")
    act(admin_client, order, "reassign", rider=second.pk, reason="车坏了")
    order.refresh_from_db()
    assert (order.rider_id, order.attempt) == (second.pk, 2)
    act(admin_client, order, "hand_back", reason="都忙")
    order.refresh_from_db()
    assert (order.status, order.rider_id) == ("pending", None)
    steps = DeliveryStep.objects.filter(order=order).order_by("id")
    assert [(step.status, step.note, step.actor) for step in steps] == [
        ("accepted", "", "operator"), ("accepted", "车坏了", "operator"),
        ("pending", "都忙", "operator"),
    ]  # fmt: skip
    log = [entry.change_message for entry in LogEntry.objects.order_by("id")]
    assert len(log) == 3
    assert "李雷 → 韩梅梅" in log[1]
    assert "车坏了" in log[1]
    assert TenantEvent.objects.filter(subject_id=order.pk).count() == 3
    page = admin_client.get(reverse("admin:delivery_deliveryorder_change", args=[order.pk]))
    assert [step.who.partition(" ")[2] for step in page.context["steps"]] == [
        "admin", "admin → 韩梅梅", "admin → 李雷"
    ]  # fmt: skip


def test_a_refusal_is_told_and_moves_nothing(admin_client: Client) -> None:
    rider = make_rider(most_orders=1)
    held = make_delivery(status="picked_up", rider=rider)
    order = make_delivery()
    before = DeliveryOrder.objects.values().order_by("id")
    then = list(before)
    said = act(admin_client, held, "cancel", reason="不要了")
    assert "已不能取消" in said
    form = act(admin_client, order, "assign", rider=rider.pk)
    assert "errorlist" in form
    assert list(before.all()) == then
    assert not LogEntry.objects.exists()
    assert not TenantEvent.objects.exists()


def test_an_order_ends_by_the_desk_in_each_of_its_ways(admin_client: Client) -> None:
    rider = make_rider()
    cancelled, failed = make_delivery(), make_delivery(status="picked_up", rider=rider)
    returned = make_delivery(status="picked_up", rider=rider)
    act(admin_client, cancelled, "cancel", reason="店家关门")
    act(admin_client, failed, "fail", reason="丢件")
    act(admin_client, returned, "start_return", reason="拒收")
    act(admin_client, returned, "finish_return", reason="已退店")
    found = DeliveryOrder.objects.order_by("id").values_list("status", "reason")
    assert list(found) == [("cancelled", "店家关门"), ("failed", "丢件"), ("returned", "拒收")]


def test_riders_are_offered_nearest_first_without_the_full_and_the_one_who_has_it(
    admin_client: Client,
) -> None:
    near, far = make_rider(name="近"), make_rider(name="远", lat="30.2900000")
    full, has = make_rider(name="满", most_orders=0), make_rider(name="现")
    order = make_delivery(status="accepted", rider=has)
    url = reverse("admin:delivery_deliveryorder_act", args=[order.pk, "reassign"])
    field = admin_client.get(url).context["form"].fields["rider"]
    assert [key for key, _text in field.choices] == [near.pk, far.pk]
    assert "300" in field.choices[0][1]
    assert full.pk not in dict(field.choices)


def test_people_are_masked_until_they_are_revealed_and_that_is_recorded() -> None:
    order = make_delivery(reason="张三丰不在文一西路969号，13800138000 打不通", status="failed",
                          rider_name="李雷", rider_phone="13700001234")  # fmt: skip
    secret = ("张三丰", "13800138000", "969号", "13700001234", "88886666", "文三路77号")
    browsers = {who: browser_of(who) for who in ("auditor", "finance", "operations")}
    for who, browser in browsers.items():
        for url in (page_of(order), reverse(LIST)):
            text = browser.get(url).content.decode()
            assert not [word for word in secret if word in text], (who, url)
        reveal = reverse("admin:delivery_deliveryorder_reveal", args=[order.pk])
        answer = browser.post(reveal)
        if who != "operations":
            assert answer.status_code == 403
            assert not LogEntry.objects.exists()
            continue
        shown = answer.content.decode()
        assert [word for word in secret if word in shown] == list(secret)
        assert "no-store" in answer["Cache-Control"]
    entry = LogEntry.objects.get()
    assert entry.change_message == "查看完整商家与收件信息"
    LogEntry.objects.update(change_message="打给张三丰，去文一西路969号")
    history = reverse("admin:delivery_deliveryorder_history", args=[order.pk])
    for url in (history, reverse("admin:admin_logentry_changelist")):
        text = browsers["auditor"].get(url).content.decode()
        assert "打给张**" in text
        assert "969号" not in text


def test_a_photo_is_shown_to_who_may_on_record_and_kept_by_no_browser() -> None:
    order = make_delivery(status="delivered", rider_name="李雷")
    photo = b"\xff\xd8\xff picture"
    url = reverse("admin:delivery_deliveryorder_proof", args=[order.pk])
    desk, auditor = browser_of("operations"), browser_of("auditor")
    assert desk.post(url).status_code == 404
    DeliveryProof.objects.create(
        order=order, content=photo, content_type="image/jpeg", created_at=timezone.now()
    )
    assert url in desk.get(page_of(order)).content.decode()
    assert url not in auditor.get(page_of(order)).content.decode()
    assert auditor.post(url).status_code == 403
    assert desk.get(url).status_code == 405
    assert not LogEntry.objects.exists()
    answer = desk.post(url)
    assert (answer.content, answer["Content-Type"]) == (photo, "image/jpeg")
    assert "no-store" in answer["Cache-Control"]
    assert LogEntry.objects.get().change_message == "查看送达照片"


def test_the_map_shows_the_way_of_this_assignment_and_degrades() -> None:
    rider = make_rider()
    order = make_delivery(status="picked_up", rider=rider)
    order.attempt = 2
    at = timezone.now()
    for attempt, lng in ((1, "121"), (2, "120.131"), (2, "120.135")):
        at += timedelta(seconds=10)
        RiderPosition.objects.create(
            order=order, attempt=attempt, rider_id=rider.pk, lat="30.281", lng=lng, created_at=at
        )
    found = sketch_of(order)
    picture = str(found.picture)
    (points,) = [p.split('"')[0] for p in picture.split('class="map-way" points="')[1:]]
    assert len(points.split()) == 2
    assert distance_text(500) in picture
    assert not found.missing
    order.receiver_lat = None
    less = sketch_of(order)
    assert "map-receiver" not in str(less.picture)
    assert len(less.missing) == 1
    order.merchant_lng, order.status = None, "pending"
    nothing = sketch_of(order)
    assert nothing.picture is None
    assert len(nothing.missing) == 2


def test_an_order_is_found_by_its_numbers_and_by_phone_and_by_nothing_else(
    admin_client: Client,
) -> None:
    order, other = make_delivery(), make_delivery(is_test=True)
    url = reverse(LIST)

    def found(**query: str) -> list[Any]:
        return list(admin_client.get(url, query).context["cl"].result_list)

    assert found() == [order]
    assert found(mode="test") == [other]
    assert found(q=other.external_order_no) == [other]
    assert found(q=order.order_no) == [order]
    assert found(q="张三丰") == []
    assert admin_client.get(url, {"receiver_name": "张三丰"}).status_code == 302


def test_a_rider_is_made_changed_shut_out_and_no_password_is_on_record(
    admin_client: Client,
) -> None:
    given = {"name": "李雷", "phone": "13700001234", "vehicle": "ebike", "area": "西湖",
             "most_orders": 3, "username": "lilei", "password": "Tonglu-2026!",
             "repeated": "Tonglu-2026!"}  # fmt: skip
    add = reverse("admin:delivery_rider_add")
    for wrong in ({"repeated": "else"}, {"phone": "x"}, {"most_orders": 0}):
        assert "errorlist" in admin_client.post(add, {**given, **wrong}).content.decode()
    assert not Rider.objects.exists()
    assert admin_client.post(add, given).status_code == 302
    rider = Rider.objects.get()
    assert (rider.user.username, rider.most_orders, rider.enabled) == ("lilei", 3, True)
    assert rider.user.check_password("Tonglu-2026!")
    assert not rider.user.is_staff
    again = admin_client.post(add, given, follow=True).content.decode()
    assert "该用户名已存在" in again
    change = reverse("admin:delivery_rider_change", args=[rider.pk])
    assert admin_client.post(change, {**given, "area": "余杭"}).status_code == 302
    disable = reverse("admin:delivery_rider_act", args=[rider.pk, "disable"])
    admin_client.post(disable, {"reason": "离职"})
    word = reverse("admin:delivery_rider_act", args=[rider.pk, "password"])
    new = {"password": "Fuchun-2026!", "repeated": "Fuchun-2026!", "reason": "忘了"}
    admin_client.post(word, new)
    rider.refresh_from_db()
    assert (rider.area, rider.enabled) == ("余杭", False)
    assert Rider.objects.get().user.check_password("Fuchun-2026!")
    log = " ".join(LogEntry.objects.values_list("change_message", flat=True))
    assert "2026!" not in log
    assert "13700001234" not in log
    auditor = browser_of("auditor")
    for url in (change, reverse("admin:delivery_rider_changelist")):
        assert "13700001234" not in auditor.get(url).content.decode()


def test_riders_are_found_as_people_look_for_them(admin_client: Client) -> None:
    lei = make_rider(name="李雷", phone="13700001234")
    mei = make_rider(name="韩梅梅", phone="0571-88881234")
    get_user_model().objects.filter(pk=mei.user_id).update(username="hanmeimei")
    url = reverse("admin:delivery_rider_changelist")
    wanted: dict[str, list[Rider]] = {
        "雷": [lei], "梅梅": [mei], "13700001234": [lei], "137 0000 1234": [lei],
        "137-0000-1234": [lei], "+86 13700001234": [lei], "0571-88881234": [mei],
        "（0571）88881234": [mei], "hanm": [mei], "eimei": [], "1370000": [], "00001234": [],
    }  # fmt: skip
    for asked, riders in wanted.items():
        page = admin_client.get(url, {"q": asked})
        assert list(page.context["cl"].result_list) == riders, asked


@pytest.mark.parametrize(
    ("metres", "said"),
    [(0, "0 m"), (883, "883 m"), (999, "999 m"), (1_000, "1 km"), (1_249, "1.2 km"),
     (12_345, "12.3 km"), (1_234_567, "1,234.6 km")],
)  # fmt: skip
def test_a_distance_is_said_in_metres_or_kilometres(metres: int, said: str) -> None:
    with translation.override("en"):
        assert distance_text(metres) == said


def test_prices_and_settings_are_saved_by_their_services(admin_client: Client) -> None:
    tenant = TenantFactory()
    price = {"name": "默认", "tenant": "", "enabled": "on", "base_fee": "5.00", "base_km": "3",
             "per_km": "1.5", "longest_km": "20", "base_kg": "5", "per_kg": "1",
             "night_from": "", "night_to": "", "night_fee": "0"}  # fmt: skip
    add = reverse("admin:delivery_pricerule_add")
    assert admin_client.post(add, price).status_code == 302
    assert admin_client.post(add, {**price, "name": "新"}).status_code == 302
    rules = list(PriceRule.objects.order_by("id").values_list("name", "enabled", "marker"))
    assert rules == [("默认", False, None), ("新", True, 1)]
    wrong = admin_client.post(add, {**price, "night_from": "22:00"}, follow=True)
    assert "夜间开始与结束时间须同时填写" in wrong.content.decode()
    assert PriceRule.objects.count() == 2
    given = {"tenant": tenant.pk, "auto_offer": "on", "offer_seconds": 20, "offer_minutes": 15,
             "first_radius_m": 800, "radius_step_m": 500, "largest_radius_m": 3000,
             "riders_at_once": 2, "promised_minutes": 40}  # fmt: skip
    add = reverse("admin:delivery_deliverysettings_add")
    assert admin_client.post(add, given).status_code == 302
    row = DeliverySettings.objects.get()
    assert (row.tenant_id, row.auto_offer, row.offer_seconds) == (tenant.pk, True, 20)
    change = reverse("admin:delivery_deliverysettings_change", args=[row.pk])
    refused = admin_client.post(change, {**given, "first_radius_m": 4000}, follow=True)
    assert "最大半径不能小于首次半径" in refused.content.decode()
    assert admin_client.post(change, {**given, "offer_seconds": 25}).status_code == 302
    row.refresh_from_db()
    assert (row.first_radius_m, row.offer_seconds, row.offer_minutes) == (800, 25, 15)
    assert str(row) == str(tenant)


def test_distances_on_the_map_are_true() -> None:
    order = make_delivery(receiver_lat=Decimal("30.2800000"), receiver_lng=Decimal("120.1403800"))
    picture = str(sketch_of(order).picture)
    line = re.search(r'map-crow" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"', picture)
    bar = re.search(r'map-bar"><path d="M20 \d+v6h([\d.]+)v-6', picture)
    assert line
    assert bar
    # 1,000 m lie between them, and the bar is 200 m long.
    assert distance_text(200) in picture
    across = float(line[2]) - float(line[1])
    assert across / float(bar[1]) == pytest.approx(5, rel=0.01)
