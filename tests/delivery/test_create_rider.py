"""`create_rider`: exactly one JSON object, safe to run again, nobody else's name."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from knox.models import AuthToken

from accounts.models import User
from delivery.models import Rider

pytestmark = pytest.mark.django_db
RIDER = ("--username", "lifei", "--name", "李飞", "--phone", "13800138001")


def run(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("create_rider", *args, stdout=out, stderr=io.StringIO())
    (line,) = out.getvalue().splitlines()
    return dict(json.loads(line))


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "riding-2026")


def test_a_rider_is_created_who_is_no_staff_and_off_duty() -> None:
    made = run(*RIDER, "--vehicle", "bike", "--area", "桐庐", "--token")
    rider = Rider.objects.get(pk=made["rider_id"])
    assert made["created"] is True
    assert AuthToken.objects.get().user == rider.user
    assert made["token"]
    assert (rider.name, rider.phone, rider.vehicle, rider.area) == (
        "李飞", "13800138001", "bike", "桐庐",
    )  # fmt: skip
    assert (rider.on_duty, rider.enabled, rider.user.is_staff) == (False, True, False)
    assert rider.user.check_password("riding-2026")


def test_run_again_it_changes_what_is_given_and_keeps_the_rest() -> None:
    first = run(*RIDER, "--vehicle", "bike", "--token")
    again = run(*RIDER[:4], "--phone", "13900139001")
    rider = Rider.objects.get()
    assert (again["created"], again["rider_id"], again["token"]) == (
        False, first["rider_id"], None,
    )  # fmt: skip
    assert (rider.phone, rider.vehicle) == ("13900139001", "bike")
    assert AuthToken.objects.count() == 1


def test_another_password_ends_the_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    run(*RIDER, "--token")
    monkeypatch.setenv("TONGLU_PASSWORD", "riding-2027")
    run(*RIDER)
    assert not AuthToken.objects.exists()
    assert Rider.objects.get().user.check_password("riding-2027")


def test_a_dry_run_writes_nothing() -> None:
    tried = run(*RIDER, "--token", "--dry-run")
    assert (tried["created"], tried["token"]) == (True, None)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--phone", "12"), "电话"),
        (("--name", " "), "姓名"),
    ],
    ids=["phone", "name"],
)
def test_what_cannot_be_used_is_refused(options: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*RIDER, *options)
    assert not User.objects.exists()


def test_without_a_password_nobody_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TONGLU_PASSWORD")
    with pytest.raises(CommandError, match="TONGLU_PASSWORD"):
        run(*RIDER)
    assert not User.objects.exists()


def test_a_short_password_is_refused_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGLU_PASSWORD", "Qz7-x")
    with pytest.raises(CommandError) as refused:
        run(*RIDER)
    assert "至少 8 个字符" in str(refused.value)
    said = str(refused.value).replace("password：", "")
    assert not any(one.isascii() and one.isalpha() for one in said), said
    assert not User.objects.exists()


def test_the_name_of_somebody_else_is_refused() -> None:
    User.objects.create_user("lifei", password="another-2026")
    with pytest.raises(CommandError, match="已存在"):
        run(*RIDER)
    assert not Rider.objects.exists()
