"""Work that is none, to measure the queue alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.kernel.work import WorkRow


class Item(WorkRow):
    """One row of work, indexed as every table of work is."""

    class Meta:
        app_label = "benchmarks"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="idx_item_due_at"),
            models.Index(fields=["lease_token"], name="idx_item_lease"),
        ]
