"""What may be done to a person besides naming him; each use case checks who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import RoleForm
from accounts.models import User
from accounts.services.operators import assign_role, end_tokens, roles_of, set_active
from accounts.states import Role
from config.kernel import audit
from config.kernel.console import ReasonedAction

Values = dict[str, Any]


def _give_role(user: User, values: Values, by: Any) -> str:
    before = [] if user.is_superuser else [Role(role).label for role in sorted(roles_of(user))]
    assign_role(user=user, role=values["role"], by=by)
    return f"角色：{'、'.join(before) or '—'} → {Role(values['role']).label}"


def _activate(to: bool) -> Callable[[Any, Values, Any], str]:  # noqa: FBT001
    def run(user: User, _values: Values, by: Any) -> str:
        set_active(user=user, active=to, by=by)
        return audit.changed_text(user, changes={"is_active": (not to, to)})

    return run


def _end_tokens(user: User, _values: Values, by: Any) -> str:
    return f"结束接口凭证 {end_tokens(user=user, by=by)} 个"


ACTIONS: tuple[ReasonedAction, ...] = (
    ReasonedAction(
        name="role", label=_("change the role"), run=_give_role, form=RoleForm, in_bulk=False,
        applies=lambda user: user.is_staff, note=_("The new role takes the place of the old one."),
    ),
    ReasonedAction(
        name="end-tokens", label=_("end API tokens"), run=_end_tokens,
        note=_("Programs that use them must log in again."),
    ),
    ReasonedAction(
        name="activate", label=_("let in again"), run=_activate(True),
        applies=lambda user: not user.is_active,
    ),
    ReasonedAction(
        name="deactivate", label=_("shut out"), run=_activate(False),
        applies=lambda user: user.is_active, danger=True,
        note=_("Sessions and tokens end at once. Nobody is deleted: the history names him."),
    ),
)  # fmt: skip
