"""The clock: Celery only wakes workers up, the rows in the database are the queue.

Losing every message loses nothing: beat sends the same nudges again, and each expires before
the next one is sent.
"""

from __future__ import annotations

import os

from celery import Celery

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.register()
app = Celery("tonglu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
