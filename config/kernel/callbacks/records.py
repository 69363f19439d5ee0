"""A callback is one row, whatever became of it; handling it twice has one effect."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy as _

from config.kernel.encryption import SecretBytesField
from config.kernel.rows import insert
from config.kernel.work import WorkRow

RESULT_LENGTH = 500


class CallbackRow(WorkRow):
    """The evidence: id, raw bytes (encrypted), a masked view of them, what handling came to."""

    callback_id = models.CharField(_("callback id"), max_length=200)
    processed = models.BooleanField(_("handled"), default=False, editable=False)
    process_time = models.DateTimeField(_("handled at"), null=True, editable=False)
    process_result = models.CharField(
        _("result"), max_length=RESULT_LENGTH, null=True, editable=False
    )
    raw_data = models.JSONField(_("content (masked)"), null=True, editable=False)
    raw_body = SecretBytesField(editable=False)
    created_at = models.DateTimeField(_("received at"), editable=False)

    class Meta:
        abstract = True


Record = TypeVar("Record", bound=CallbackRow)


def record_once(model: type[Record], *, at: datetime, **columns: Any) -> Record | None:
    """Store a verified callback, due at once; None when this very one is stored already."""
    try:
        return insert(model, {"due_at": at, "created_at": at, **columns})
    except IntegrityError:
        known = model._default_manager.filter(  # noqa: SLF001
            callback_id=columns["callback_id"]
        )
        if not known.exists():
            raise  # not a duplicate: evidence must not be acknowledged and dropped
        return None


def replay(record: CallbackRow, *, at: datetime) -> None:
    """Have a record handled again; the state tables see to it that it has no second effect.

    Whoever has it in hand at this moment has lost it.
    """
    type(record)._default_manager.filter(pk=record.pk).update(  # noqa: SLF001
        due_at=at, processed=False, attempts=0, lease_token=None
    )
    record.due_at, record.processed, record.attempts, record.lease_token = at, False, 0, None
