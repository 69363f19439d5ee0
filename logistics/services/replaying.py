"""A stored callback can be handled again, by its evidence."""

from __future__ import annotations

from datetime import datetime

from config.kernel.callbacks import replay
from config.kernel.errors import Missing
from config.kernel.work import nudge
from config.kernel.work.claims import again_if_deadlocked
from logistics.models import CallbackRecord
from logistics.services.parked import CALLBACK_TASK


def replay_callback(*, record_id: int, at: datetime) -> CallbackRecord:
    """Make the record due.

    :raises Missing: there is none of this id.
    """
    record = CallbackRecord.objects.filter(pk=record_id).first()
    if record is None:
        raise Missing
    again_if_deadlocked(lambda: replay(record, at=at))
    nudge(CALLBACK_TASK)
    return record
