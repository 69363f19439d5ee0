"""What is counted of due work, and that each count reads one index."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.work.due import due_work_of
from logistics.models import CallbackRecord
from tests.console.rows import make_callback

pytestmark = pytest.mark.django_db


def test_what_is_done_is_in_nobodys_hands_whatever_lease_it_kept() -> None:
    now = timezone.now()
    make_callback(due_at=now + timedelta(seconds=30), lease_token="held")
    make_callback(due_at=None, lease_token="of a killed worker")
    found = due_work_of("callbacks", CallbackRecord.objects.all(), now)
    assert (found.late, found.in_hand, found.later) == (0, 1, 1)


# MariaDB plans by how much there is.
@pytest.mark.engine("sqlite")
def test_each_count_reads_one_index() -> None:
    with CaptureQueriesContext(connection) as asked:
        due_work_of("callbacks", CallbackRecord.objects.all(), timezone.now())
    plans = []
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))
    assert len(plans) == 4
    assert all("idx_callback_" in plan for plan in plans)
