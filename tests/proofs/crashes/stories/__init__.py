"""Every use case that writes, each as a story."""

from __future__ import annotations

from tests.proofs.crashes.stories import (
    booking,
    callbacks,
    cancelling,
    deciding,
    importing,
    quotas,
    resuming,
    rolling,
    steps,
    telling,
)

STORIES = (
    *booking.STORIES,
    *steps.STORIES,
    *cancelling.STORIES,
    *callbacks.STORIES,
    *quotas.STORIES,
    *resuming.STORIES,
    *deciding.STORIES,
    *importing.STORIES,
    *rolling.STORIES,
    *telling.STORIES,
)
# Where a worker that sleeps with an answer in its hands meets others who got another one.
SLEEPERS = (*steps.SLEEPERS, *steps.STORIES, *cancelling.STORIES)
