"""Every change by a person says who, when, from what to what, and why where that was asked.

One row of Django's own admin log per change, whichever door it came through: the stock history
pages show it. Secrets are never written, nor columns that a model says `may_hold_tokens`; people's
names, phones and addresses are masked.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils import translation
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from config.kernel.encryption import SecretBytesField, SecretTextField
from config.kernel.masking import mask_fields
from config.kernel.text import clip

__all__ = [
    "ADDITION",
    "CHANGE",
    "DELETION",
    "changed_text",
    "differences",
    "record",
    "record_list",
    "snapshot",
]

Changes = Mapping[str, tuple[Any, Any]]
# An operator's browser may be English; what is kept is read by everybody.
LANGUAGE = "zh-hans"
LONGEST_REASON = 500
LONGEST_VALUE = 200
LONGEST_TEXT = 8_000


def snapshot(row: Model) -> dict[str, Any]:
    """The row's columns as they are in memory, to be compared later."""
    fields = row._meta.concrete_fields
    deferred = row.get_deferred_fields()
    return {f.attname: getattr(row, f.attname) for f in fields if f.attname not in deferred}


def differences(before: Mapping[str, Any], row: Model) -> dict[str, tuple[Any, Any]]:
    """What `row` says otherwise than `before` did: `{column: (from, to)}`, clocks left out."""
    now = snapshot(row)
    clocks = {"updated_at", "version"}
    return {
        name: (before.get(name), value)
        for name, value in now.items()
        if name not in clocks and before.get(name) != value
    }


def record(
    *,
    user: Any,
    row: Model,
    what: str = "",
    changes: Changes | None = None,
    why: str = "",
    flag: int = CHANGE,
) -> None:
    """Write one entry: `what` was done (in Chinese), from what to what, and `why`.

    `user` is the acting operator; nothing is written for nobody (commands say it themselves).
    """
    if user is None or user.pk is None:
        return
    LogEntry.objects.create(
        user_id=user.pk,
        content_type_id=ContentType.objects.get_for_model(row, for_concrete_model=False).pk,
        object_id=str(row.pk),
        object_repr=clip(str(row), 200),
        action_flag=flag,
        change_message=changed_text(row, what=what, changes=changes or {}, why=why),
    )


def record_list(*, user: Any, model: type[Model], what: str, why: str = "") -> LogEntry:
    """Write one entry about a whole list rather than a row of it: `what` was shown, and `why`."""
    return LogEntry.objects.create(
        user_id=user.pk,
        content_type_id=ContentType.objects.get_for_model(model).pk,
        object_id=None,
        object_repr=clip(force_str(model._meta.verbose_name_plural), 200),
        action_flag=CHANGE,
        change_message=changed_text(model(), what=what, changes={}, why=why),
    )


def changed_text(row: Model, *, what: str = "", changes: Changes, why: str = "") -> str:
    """`改了什么：旧 → 新；…。原因：…`, masked, always in Chinese."""
    with translation.override(LANGUAGE):
        parts = [what] if what else []
        parts += _lines(row, changes)
        text = "；".join(parts)
        if why:
            reason = _("Reason")
            text = f"{text}。{reason}：{clip(why, LONGEST_REASON)}" if text else why
    return clip(text, LONGEST_TEXT)


def _lines(row: Model, changes: Changes) -> Iterable[str]:
    for name, (old, new) in changes.items():
        try:
            field: Any = row._meta.get_field(name)
        except FieldDoesNotExist:
            field = None
        label = str(getattr(field, "verbose_name", "") or name)
        secret = isinstance(field, SecretTextField | SecretBytesField) or name == "password"
        if secret or name in getattr(row, "may_hold_tokens", ()):
            said = _("replaced")
            yield f"{label}：{said}"
            continue
        yield f"{label}：{_shown(field, name, old)} → {_shown(field, name, new)}"


def _shown(field: Any, name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    choices = dict(getattr(field, "flatchoices", ()) or ())
    if isinstance(value, Hashable) and value in choices:
        return str(choices[value])
    return clip(mask_fields({name: value})[name], LONGEST_VALUE)
