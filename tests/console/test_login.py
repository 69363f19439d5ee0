"""Logging in: throttled by account and by address, told kindly, kept in the security log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.services.logins import TRIES
from accounts.services.operators import create_operator

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-9"
API = "/api/platform/auth/token"


@pytest.fixture(autouse=True)
def wang() -> User:
    cache.clear()
    user, _ = create_operator(username="wang", role="support", password=PASSWORD)
    return user


def log_in(username: str = "wang", password: str = PASSWORD, **headers: str) -> Any:
    given = {"username": username, "password": password, "next": "/admin/"}
    return Client(**headers).post("/admin/login/", given)  # type: ignore[arg-type]


def ask_token(username: str = "wang", password: str = PASSWORD) -> Any:
    body = json.dumps({"username": username, "password": password})
    return Client().post(API, body, content_type="application/json")


def errors(page: Any) -> str:
    return " ".join(page.context["form"].non_field_errors())


def test_a_right_password_opens_the_console() -> None:
    answer = log_in()
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 12 * 3600)
    assert not SecurityEvent.objects.exists()


def test_a_wrong_one_is_refused_and_kept_in_the_security_log() -> None:
    page = log_in(password="wrong")
    assert page.status_code == 200
    assert "sessionid" not in page.cookies
    event = SecurityEvent.objects.get()
    assert (event.door, event.reason, event.address) == ("admin", "login_failed", "127.0.0.1")
    assert "wang" not in event.digest
    assert PASSWORD not in page.content.decode()


def test_an_account_that_was_guessed_at_is_closed_for_a_while_even_to_the_right_password() -> None:
    for n in range(TRIES):
        assert "wang" not in errors(log_in(password="wrong", REMOTE_ADDR=f"203.0.113.{n}"))
    page = log_in(REMOTE_ADDR="203.0.113.99")
    assert page.status_code == 200
    assert [e.code for e in page.context["form"].non_field_errors().as_data()] == ["throttled"]
    assert "5" in errors(page)
    assert page.context["form"]["username"].value() == "wang"


def test_an_address_that_guesses_is_closed_for_every_account() -> None:
    for n in range(TRIES):
        log_in(username=f"nobody{n}", password="wrong")
    page = log_in()
    assert [e.code for e in page.context["form"].non_field_errors().as_data()] == ["throttled"]
    assert log_in(REMOTE_ADDR="203.0.113.1").status_code == 302


def test_right_passwords_are_not_counted() -> None:
    for _ in range(TRIES + 2):
        assert log_in().status_code == 302


def test_the_console_and_the_api_count_together() -> None:
    for n in range(TRIES):
        answer = ask_token(password="wrong") if n % 2 else log_in(password="wrong")
        assert answer.status_code == (401 if n % 2 else 200)
    assert ask_token().status_code == 429
    assert log_in().status_code == 200
    assert set(SecurityEvent.objects.values_list("door", flat=True)) == {"admin", "platform"}


def test_the_address_is_the_one_our_own_proxy_names(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    for n in range(TRIES):
        log_in(username=f"nobody{n}", password="wrong", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert log_in(HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 200
    assert log_in(HTTP_X_FORWARDED_FOR="198.51.100.8").status_code == 302
    assert SecurityEvent.objects.filter(address="198.51.100.7").count() == TRIES


def test_what_a_stranger_says_of_his_address_is_not_believed() -> None:
    for n in range(TRIES):
        log_in(username=f"n{n}", password="wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
    assert log_in(HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 200


def test_addresses_nobody_knows_do_not_lock_each_other_out() -> None:
    for n in range(TRIES + 1):
        log_in(username=f"nobody{n}", password="wrong", REMOTE_ADDR="")
    assert log_in(REMOTE_ADDR="").status_code == 302


def test_a_person_who_is_no_operator_is_refused_like_a_wrong_password(wang: User) -> None:
    User.objects.create_user("guest", password=PASSWORD)
    assert errors(log_in(username="guest")) == errors(log_in(password="wrong"))
    User.objects.filter(pk=wang.pk).update(is_active=False)
    assert errors(log_in()) == errors(log_in(password="wrong"))


def test_the_old_password_is_guessed_no_more_often_than_at_the_login(wang: User) -> None:
    found = Client()
    found.force_login(wang)
    given = {"old_password": "wrong", "new_password1": "Another-9-long"}
    given["new_password2"] = given["new_password1"]
    for _ in range(TRIES):
        page = found.post("/admin/password_change/", given)
        assert page.context["form"].errors.as_data()["old_password"][0].code == "password_incorrect"
    page = found.post("/admin/password_change/", {**given, "old_password": PASSWORD})
    assert page.status_code == 200
    assert page.context["form"].errors.as_data()["old_password"][0].code == "throttled"
    assert ask_token().status_code == 429
    assert SecurityEvent.objects.count() == TRIES
    cache.clear()
    right = {**given, "old_password": PASSWORD}
    assert found.post("/admin/password_change/", right).status_code == 302
    assert ask_token(password="Another-9-long").status_code == 200


def test_an_outage_is_no_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("accounts.api.tokens.authenticate", gone)
    for _ in range(TRIES):
        assert ask_token().status_code >= 500
    monkeypatch.undo()
    assert ask_token().status_code == 200


def test_a_page_of_the_console_leads_to_the_login_and_back() -> None:
    browser = Client()
    answer = browser.get("/admin/due-work/")
    assert answer["Location"] == "/admin/login/?next=/admin/due-work/"
    given = {"username": "wang", "password": PASSWORD, "next": "https://evil.example/"}
    assert browser.post("/admin/login/", given)["Location"] == "/admin/"
