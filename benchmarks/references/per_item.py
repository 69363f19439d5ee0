"""The usual way: a Celery message for every item, and one UPDATE when it is done."""

from __future__ import annotations

import os

import django

django.setup()

from celery import Celery  # noqa: E402
from django.db import connection  # noqa: E402

app = Celery("per_item", broker=os.environ["PER_ITEM_BROKER"])
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=64,
    broker_connection_retry_on_startup=True,
    CELERY_DB_REUSE_MAX=10**9,  # without it each task connects anew
)


@app.task(name="finish")
def finish(pk: int) -> None:
    """One item."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE benchmarks_item SET due_at = NULL WHERE id = %s", [pk])
