"""The two kinds of work logistics has: orders to carry on, callbacks to handle."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from config.kernel.work import Job
from logistics.models import ExpressOrder
from logistics.services.accounts import DEADLINE_SECONDS
from logistics.services.calls import keep_calls
from logistics.services.outcomes import apply_attempt
from logistics.services.questions import prepare_question

if TYPE_CHECKING:
    from logistics.services.questions import Attempt

ORDERS: Job[ExpressOrder, Attempt] = Job(
    name="orders",
    model=ExpressOrder,
    deadline=timedelta(seconds=DEADLINE_SECONDS),
    lease=timedelta(seconds=3 * DEADLINE_SECONDS),
    prepare=prepare_question,
    apply=apply_attempt,
    keep_attempt=keep_calls,
)
