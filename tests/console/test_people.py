"""用户管理: nobody gets more than he has by the console, and who is shut out is out at once."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import User
from accounts.services.operators import create_operator, issue_token, roles_of
from accounts.states import Role

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "Tonglu-2026!"
NEW = {"username": "wang", "role": "support", "password1": PASSWORD, "password2": PASSWORD,
       "first_name": "", "last_name": "", "email": ""}  # fmt: skip


def person(name: str, role: str = "operations") -> User:
    user, _ = create_operator(username=name, role=role, password=PASSWORD)
    return user


@pytest.fixture
def chief() -> User:
    return person("chief", "platform_admin")


@pytest.fixture
def client(chief: User) -> Client:
    """A platform administrator's browser."""
    client = Client()
    client.force_login(chief)
    return client


def url(name: str, user: User | None = None) -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk] if user else [])


def act(client: Client, user: User, name: str, **fields: Any) -> Any:
    page = reverse("admin:accounts_user_act", args=[user.pk, name])
    return client.post(page, {"reason": "交接", **fields}, follow=True)


def change(client: Client, user: User, **given: Any) -> Any:
    fields = {"username": user.username, "first_name": "", "last_name": "", "email": "", **given}
    return client.post(url("change", user), fields)


def test_an_operator_is_made_with_one_role_and_may_log_in(client: Client, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    assert (
        client.post(url("add"), {**NEW, "first_name": "小", "last_name": "王"}).status_code == 302
    )
    user = User.objects.get(username="wang")
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, False, True)
    assert roles_of(user) == {"support"}
    assert user.first_name == "小"
    assert Client().login(username="wang", password=PASSWORD)
    entry = LogEntry.objects.get()
    assert "客服" in entry.change_message
    assert PASSWORD not in entry.change_message + caplog.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "chief"), ("username", "a b"), ("password2", "12345678"), ("role", "root"),
     ("role", "")],
)  # fmt: skip
def test_an_operator_that_could_not_be_is_refused_by_name(
    client: Client, field: str, value: str
) -> None:
    answer = client.post(url("add"), {**NEW, field: value})
    assert field in answer.context["adminform"].form.errors
    assert User.objects.count() == 1


def test_weak_passwords_are_refused(client: Client) -> None:
    answer = client.post(url("add"), {**NEW, "password1": "12345", "password2": "12345"})
    assert "password2" in answer.context["adminform"].form.errors
    assert not User.objects.filter(username="wang").exists()


def test_a_platform_admin_cannot_make_himself_or_anybody_more_than_he_is(
    client: Client, chief: User
) -> None:
    other = person("other")
    everything = [permission.pk for permission in Permission.objects.all()]
    for user in (chief, other):
        wanted = {"is_superuser": "on", "user_permissions": everything, "groups": [1, 2, 3, 4, 5]}
        answer = change(client, user, is_staff="on", first_name="改", **wanted)
        assert answer.status_code == 302
        user.refresh_from_db()
        assert user.first_name == "改"  # what he may change was changed
        assert not user.is_superuser
        assert not user.user_permissions.exists()
        assert user.groups.count() == 1
    page = client.get(url("change", other)).content.decode()
    for name in ("is_superuser", "is_staff", "user_permissions"):
        assert f'name="{name}"' not in page


def test_a_superuser_is_not_touched_by_a_platform_admin(client: Client) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    issue_token(user=root)
    assert client.get(url("change", root)).status_code == 200  # seen, not changed
    assert change(client, root, first_name="改").status_code == 403
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.get(password).status_code == 403
    assert client.post(password, {"password1": "x", "password2": "x"}).status_code == 403
    for action in ("role", "deactivate", "end-tokens"):
        assert act(client, root, action, role="support").status_code == 403
    bulk = {"action": "deactivate", "_selected_action": [root.pk], "apply": "1", "reason": "r"}
    assert "没有权限" in client.post(url("changelist"), bulk, follow=True).content.decode()
    root.refresh_from_db()
    assert root.is_active
    assert root.is_superuser
    assert root.check_password(PASSWORD)
    assert AuthToken.objects.filter(user=root).count() == 1
    assert not LogEntry.objects.exists()


def test_who_may_more_by_permissions_of_his_own_is_not_touched_either(client: Client) -> None:
    other = person("other")
    other.user_permissions.add(Permission.objects.get(codename="add_session"))
    assert change(client, other, first_name="改").status_code == 403
    assert act(client, other, "deactivate").status_code == 403
    other.refresh_from_db()
    assert other.is_active


def test_a_role_that_may_more_is_not_given(client: Client, chief: User) -> None:
    from django.contrib.auth.models import Group

    extra = Permission.objects.get(codename="add_session")
    Group.objects.get(name=Role.OPERATIONS.label).permissions.add(extra)
    other = person("other", "support")
    Group.objects.get(name=Role.OPERATIONS.label).permissions.add(extra)
    told = act(client, other, "role", role="operations").content.decode()
    assert "没有权限" in told
    assert roles_of(other) == {"support"}


def test_a_role_takes_the_place_of_the_old_one(client: Client) -> None:
    other = person("other")
    act(client, other, "role", role="finance")
    assert roles_of(other) == {"finance"}
    assert LogEntry.objects.get().change_message == "角色：运营 → 财务。原因：交接"


def test_every_role_may_be_given_by_a_platform_admin(client: Client) -> None:
    for role in Role.values:
        assert client.post(url("add"), {**NEW, "username": role, "role": role}).status_code == 302
        assert roles_of(User.objects.get(username=role)) == {role}


def test_who_is_shut_out_is_out_at_once_and_comes_back_without_tokens(client: Client) -> None:
    other = person("other")
    his = Client()
    his.force_login(other)
    assert his.get(reverse("admin:index")).status_code == 200
    issue_token(user=other)
    act(client, other, "deactivate")
    assert his.get(reverse("admin:index")).status_code == 302
    assert not AuthToken.objects.exists()
    other.refresh_from_db()
    assert not other.is_active
    assert LogEntry.objects.get().change_message.endswith("是 → 否。原因：交接")
    act(client, other, "activate")
    other.refresh_from_db()
    assert other.is_active


def test_nobody_shuts_himself_out(client: Client, chief: User) -> None:
    assert "不能停用自己" in act(client, chief, "deactivate").content.decode()
    chief.refresh_from_db()
    assert chief.is_active


def test_a_superuser_does_not_take_his_own_power_and_gives_single_permissions(
    admin_client: Client, admin_user: User
) -> None:
    refused = change(admin_client, admin_user, is_staff="on")
    assert list(refused.context["adminform"].form.errors) == ["is_superuser"]
    other = person("other")
    one = Permission.objects.get(codename="add_tenant")
    answer = change(admin_client, other, is_staff="on", user_permissions=[one.pk])
    assert answer.status_code == 302
    assert other.user_permissions.get() == one
    page = admin_client.get(url("change", other)).content.decode()
    assert "租户：新增" in page


def test_tokens_are_ended_by_a_button(client: Client) -> None:
    other = person("other")
    for _ in range(2):
        issue_token(user=other)
    assert ">2<" in client.get(url("change", other)).content.decode()
    act(client, other, "end-tokens")
    assert not AuthToken.objects.exists()
    assert "2 个" in LogEntry.objects.get().change_message


def test_a_new_password_is_recorded_without_it(client: Client, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    other = person("other")
    issue_token(user=other)
    page = reverse("admin:auth_user_password_change", args=[other.pk])
    assert client.get(page).status_code == 200
    new = "Another-2026!"
    answer = client.post(page, {"usable_password": "true", "password1": new, "password2": new})
    assert answer.status_code == 302
    other.refresh_from_db()
    assert other.check_password(new)
    assert not AuthToken.objects.exists(), "got with the old one"
    message = LogEntry.objects.get().change_message
    assert "密码" in message
    assert new not in message + caplog.text


def test_saving_a_name_leaves_the_password_of_another_tab(client: Client) -> None:
    other = person("other")
    stale = {"initial-first_name": "", "initial-username": "other"}
    other.set_password("Another-2026!")
    other.save()
    change(client, other, first_name="新", **stale)
    other.refresh_from_db()
    assert other.first_name == "新"
    assert other.check_password("Another-2026!")


def test_nobody_is_deleted(admin_client: Client) -> None:
    other = person("other")
    assert admin_client.post(url("delete", other), {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    admin_client.post(url("changelist"), bulk)
    assert User.objects.filter(pk=other.pk).exists()


def test_a_role_is_read_in_words_and_changed_by_nobody(admin_client: Client) -> None:
    from django.contrib.auth.models import Group

    person("other", "finance")
    group = Group.objects.get(name="财务")
    page = admin_client.get(reverse("admin:auth_group_change", args=[group.pk])).content.decode()
    assert "<th>租户配额</th><td>查看、新增、修改、删除</td>" in page
    assert "Can " not in page
    assert 'name="_save"' not in page
    before = group.permissions.count()
    answer = admin_client.post(
        reverse("admin:auth_group_change", args=[group.pk]), {"name": "x", "permissions": []}
    )
    assert answer.status_code == 403
    assert group.permissions.count() == before
