"""Operators are staff users whose roles are groups; roles are made from one table, again and again.

Permissions do not exist while migrations run, so no migration makes them: `sync_roles` does.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model, password_validation
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from knox.models import AuthToken, get_token_model

from accounts.states import Role
from config.kernel.errors import Denied, Malformed, Rejected

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class OperatorToken:
    """A token for `/api/platform`; shown once."""

    token: str
    expires_at: datetime


def sync_roles() -> dict[str, int]:
    """Give each role's group exactly the permissions `settings.ROLE_PERMISSIONS` lists.

    Returns the number of permissions per role; run twice it changes nothing.
    """
    counts = {}
    for role in Role:
        group, _ = Group.objects.get_or_create(name=role.label)
        wanted = list(_permissions(settings.ROLE_PERMISSIONS[role.value]))
        group.permissions.set(wanted)
        counts[role.value] = len(wanted)
    return counts


def _permissions(lines: list[tuple[str, tuple[str, ...]]]) -> list[Permission]:
    """Resolve lines of ("app.model" or "app.*", ("view", "change", …)) or whole codenames."""
    found: list[Q] = []
    for target, verbs in lines:
        app, _, model = target.partition(".")
        for verb in verbs:
            where = Q(content_type__app_label=app)
            if model == "*":
                where &= Q(codename__startswith=f"{verb}_")
            elif "_" in verb:
                where &= Q(codename=verb)
            else:
                where &= Q(codename=f"{verb}_{model}")
            found.append(where)
    if not found:
        return []
    return list(Permission.objects.filter(functools.reduce(operator.or_, found)))


def create_operator(
    *,
    username: str,
    role: str,
    password: str | None = None,
    with_token: bool = False,
    only_new: bool = False,
    by: User | None = None,
) -> tuple[User, OperatorToken | None]:
    """Make `username` a staff user holding `role` (and only that one of the five).

    An existing user keeps its password unless one is given; with `only_new` it is refused. Who was
    shut out is let in, with nothing left of before; another password ends the tokens. `by` is the
    operator who asks; a command asks as nobody and may do anything.

    :raises Malformed: unknown role, unusable name, weak or missing password, taken name.
    :raises Denied: the role may do what `by` may not.
    """
    if role not in Role.values:
        raise Malformed(fields={"role": [f"角色只能是 {'、'.join(Role.values)}。"]})
    sync_roles()
    if not may_give(by, role):
        raise Denied
    model = get_user_model()
    with transaction.atomic():
        user = model.objects.filter(username=username).first()
        if user is not None and only_new:
            raise Malformed(fields={"username": ["该用户名已存在。"]})
        if user is None:
            if not password:
                raise Malformed(fields={"password": ["新用户必须设置密码（TONGLU_PASSWORD）。"]})
            user = model(username=username)
        shut_out = not user.is_active
        replaced = bool(password and user.pk and not user.check_password(password))
        if password:
            try:
                user.username_validator(username)
                password_validation.validate_password(password, user)
            except ValidationError as exc:
                raise Malformed(fields={"password": list(exc.messages)}) from None
            user.set_password(password)
        user.is_staff = user.is_active = True
        user.save()
        if shut_out or replaced:
            forget_tokens(user=user)
        if shut_out:
            _end_sessions(user)
        _put_in(user, role)
        token = issue_token(user=user) if with_token else None
    return user, token


def assign_role(*, user: User, role: str, by: User) -> None:
    """Give an operator another role in place of the one held.

    :raises Denied: `by` may less than the user or the role. :raises Rejected: not an operator.
    """
    check_authority(by, user)
    if not may_give(by, role):
        raise Denied
    if not user.is_staff:
        raise Rejected(fields={"role": ["该用户不是运营人员。"]})
    with transaction.atomic():
        _put_in(user, role)


def set_active(*, user: User, active: bool, by: User) -> None:
    """Let an operator in again, or shut every door on him: sessions and tokens end at once.

    They end for good: whoever is let in again logs in anew.

    :raises Denied: `by` may less than the user. :raises Rejected: oneself, or already so.
    """
    check_authority(by, user)
    if user.pk == by.pk:
        raise Rejected(fields={"is_active": ["不能停用自己。"]})
    with transaction.atomic():
        rows = get_user_model().objects.filter(pk=user.pk, is_active=not active)
        if rows.update(is_active=active) != 1:
            raise Rejected(fields={"is_active": ["已经是此状态。"]})
        # Let in again as well: a log-in that was under way when he was shut out would count again.
        forget_tokens(user=user)
        _end_sessions(user)


def end_tokens(*, user: User, by: User) -> int:
    """End all tokens for the API; returns how many there were.

    :raises Denied: `by` may less than the user.
    """
    check_authority(by, user)
    return forget_tokens(user=user)


def forget_tokens(*, user: User) -> int:
    """End all tokens for the API, whoever asks: with a new password for one, even one's own."""
    ended, _ = get_token_model().objects.filter(user=user).delete()
    return int(ended)


def _end_sessions(user: User) -> None:
    live = Session.objects.filter(expire_date__gt=timezone.now())
    mine = [row.pk for row in live if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=mine).delete()


def check_authority(by: User, user: User) -> None:
    """Nobody changes a person who may more than himself.

    :raises Denied: a superuser is changed by superusers only, others by who may all they may.
    """
    if not may_manage(by, user):
        raise Denied


def may_manage(by: User, user: User) -> bool:
    """Whether `by` may all that `user` may."""
    if by.is_superuser:
        return True
    # Whoever is shut out has no permissions now, and would have them again.
    held = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    return not user.is_superuser and _names(held) <= by.get_all_permissions()


def may_give(by: User | None, role: str) -> bool:
    """Whether `by` may all that the role may; nobody (a command) may give any."""
    if by is None or by.is_superuser:
        return True
    held = Permission.objects.filter(group__name=Role(role).label)
    return _names(held) <= by.get_all_permissions()


def _names(permissions: QuerySet[Permission]) -> set[str]:
    pairs = permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in pairs}


def _put_in(user: User, role: str) -> None:
    """Inside a transaction; of two at once the second takes the first one's role away again."""
    get_user_model().objects.select_for_update().get(pk=user.pk)
    user.groups.remove(*Group.objects.filter(name__in=Role.labels))
    user.groups.add(Group.objects.get(name=Role(role).label))


def issue_token(*, user: User) -> OperatorToken:
    """Issue an expiring token; only its hash is kept."""
    row, token = cast("tuple[AuthToken, str]", get_token_model().objects.create(user=user))
    return OperatorToken(token=token, expires_at=row.expiry)


def roles_of(user: User) -> frozenset[str]:
    """The roles a user holds; a superuser holds every one."""
    if user.is_superuser:
        return frozenset(Role.values)
    by_label = {role.label: role.value for role in Role}
    names = user.groups.filter(name__in=by_label).values_list("name", flat=True)
    return frozenset(by_label[name] for name in names)
