"""Only an enabled rider's token opens the riders' door, and it opens no other."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.services.operators import create_operator, issue_token
from delivery.models import Rider
from delivery.services.riders import set_rider_enabled
from tests.delivery.making import PASSWORD, make_rider
from tests.delivery.phones import DOOR, Phone, refusal
from tests.factories import TenantFactory, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def rider() -> Rider:
    return make_rider(username="xiaoli", name="小李", at=timezone.now())


def test_a_rider_logs_in_and_out(rider: Rider) -> None:
    phone = Phone()
    answer = phone.post("/login", {"username": "xiaoli", "password": PASSWORD})
    data = answer.json()["data"]
    assert (answer.status_code, data["rider"]["name"]) == (200, "小李")
    assert data["expires_at"].endswith("+08:00")
    for headers in (
        {"Authorization": f"Bearer {data['token']}"},
        {"Authorization": f"Token {data['token']}"},
        {"token": data["token"]},
    ):
        phone.headers = headers
        assert phone.get("/me").json()["data"]["id"] == rider.pk
    assert phone.send("DELETE", "/login").status_code == 200
    assert refusal(phone.get("/me")) == (401, "token_invalid")


def test_wrong_words_and_other_people_are_told_alike_and_throttled(rider: Rider) -> None:
    operator, _ = create_operator(username="wang", role="operations", password=PASSWORD)
    Rider.objects.create(user=operator, name="王", phone="13900000000")
    get_user_model().objects.create_user(username="nobody-yet", password=PASSWORD)
    phone = Phone()
    tries = [("xiaoli", "wrong-wrong-1"), ("none", PASSWORD), ("wang", PASSWORD),
             ("nobody-yet", PASSWORD)]  # fmt: skip
    for username, password in tries:
        answer = phone.post("/login", {"username": username, "password": password})
        assert refusal(answer) == (401, "login_failed")
    for _ in range(6):
        phone.post("/login", {"username": "xiaoli", "password": "wrong-wrong-1"})
    answer = phone.post("/login", {"username": "xiaoli", "password": PASSWORD})
    assert refusal(answer) == (429, "throttled")


def test_no_proof_is_401_and_another_doors_is_403(rider: Rider) -> None:
    operator, _ = create_operator(username="wang", role="platform_admin", password=PASSWORD)
    plain = get_user_model().objects.create_user(username="plain", password=PASSWORD)
    phone = Phone()
    assert refusal(phone.get("/me")) == (401, "unauthenticated")
    # An operator is none here, profile or not.
    Rider.objects.create(user=operator, name="王", phone="13900000000")
    for user in (operator, plain):
        phone.headers = {"token": issue_token(user=user).token}
        assert refusal(phone.get("/me")) == (403, "wrong_door")
    assert refusal(TenantClient(*issue(TenantFactory())).send("GET", f"{DOOR}/me")) == (
        403, "wrong_door",
    )  # fmt: skip
    for path in ("/api/platform/cainiao/orders", "/api/v1/quota"):
        answer = Client().get(path, headers=Phone(rider).headers)
        assert refusal(answer) == (403, "wrong_door")
        # The header `token` is read at the riders' door only.
        answer = Client().get(path, headers=Phone(rider, "token").headers)
        assert refusal(answer) == (401, "unauthenticated")


def test_who_is_switched_off_is_out_at_once(rider: Rider) -> None:
    phone = Phone(rider)
    set_rider_enabled(rider_id=rider.pk, enabled=False, user_id=1)
    assert refusal(phone.get("/me")) == (401, "token_invalid")
    assert refusal(Phone(rider).get("/me")) == (403, "rider_disabled")
    answer = Phone().post("/login", {"username": "xiaoli", "password": PASSWORD})
    assert refusal(answer) == (403, "rider_disabled")
