"""Who was shut out, or got another password, has nothing left of before; a role is one role."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import User
from accounts.services.operators import (
    assign_role,
    create_operator,
    issue_token,
    roles_of,
)
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "Tonglu-2026!", "Another-2026!"


def person(name: str, role: str = "operations") -> User:
    user, _ = create_operator(username=name, role=role, password=OLD)
    return user


def console(user: User) -> Client:
    client = Client()
    assert client.login(username=user.username, password=OLD)
    return client


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("admin:index")).status_code == 200)


def act(client: Client, user: User, name: str) -> Any:
    page = reverse("admin:accounts_user_act", args=[user.pk, name])
    return client.post(page, {"reason": "笔记本丢失"})


def test_who_is_let_in_again_logs_in_anew() -> None:
    chief, user = console(person("chief", "platform_admin")), person("li")
    lost, other = console(user), console(person("sun"))
    act(chief, user, "deactivate")
    assert not is_in(lost)
    # A log-in and a token that were under way when he was shut out.
    late = Client()
    late.force_login(user)
    issue_token(user=user)
    act(chief, user, "activate")
    user.refresh_from_db()
    assert user.is_active
    assert not is_in(lost)
    assert not is_in(late)
    assert not AuthToken.objects.exists()
    assert is_in(other)
    assert is_in(console(user))
    assert Session.objects.count() >= 3


def test_who_is_shut_out_gets_a_new_password() -> None:
    chief, user = console(person("chief", "platform_admin")), person("li")
    issue_token(user=user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    assert chief.post(page, {"password1": NEW, "password2": NEW}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not AuthToken.objects.exists()


def test_a_new_password_of_ones_own_ends_what_was_got_with_the_old_one() -> None:
    user = person("li")
    here, elsewhere = console(user), console(user)
    issue_token(user=user)
    issue_token(user=person("sun"))
    given = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    page = reverse("admin:password_change")
    assert here.post(page, given).status_code == 200
    assert AuthToken.objects.count() == 2
    assert here.post(page, {**given, "old_password": OLD}).status_code == 302
    assert [token.user.username for token in AuthToken.objects.all()] == ["sun"]
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (user, str(user.pk))
    assert NEW not in entry.change_message


def test_of_two_roles_given_at_once_one_is_held() -> None:
    chiefs = [person(f"chief{n}", "platform_admin") for n in range(4)]
    user = person("li")
    roles = ["support", "auditor", "finance", "operations"]
    for _ in range(8):
        user.groups.clear()
        results = race(
            [
                partial(assign_role, user=User.objects.get(pk=user.pk), role=role, by=chief)
                for role, chief in zip(roles, chiefs, strict=True)
            ]
        )
        assert results == [None] * 4
        assert len(roles_of(User.objects.get(pk=user.pk))) == 1
