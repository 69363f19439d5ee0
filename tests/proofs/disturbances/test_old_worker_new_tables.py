"""Programs of the version before go on while a migration gives their tables more columns.

The columns are what the next version may add beside a running one: nullable, or filled by the
database. On SQLite the second kind has each table built anew underneath the running programs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models

from logistics.models import CallbackRecord, ExpressOrder
from quotas.models import QuotaDetail, TenantQuota
from tests.proofs.disturbances.ending import check_ending, in_flight, under_lease, wait_for_rest
from tests.proofs.disturbances.house import House, until
from tests.proofs.disturbances.tenants import Tenants

PARCELS = 70
TABLES: tuple[type[models.Model], ...] = (ExpressOrder, TenantQuota, QuotaDetail, CallbackRecord)
NEW: dict[str, Callable[[], models.Field[Any, Any]]] = {
    # This one first: SQLite rebuilds a table from the columns of its model, and the other is none.
    "next_count": lambda: models.IntegerField(db_default=7),
    "next_note": lambda: models.CharField(max_length=40, null=True),
}


@pytest.mark.timeout(180)
def test_old_programs_read_and_write_tables_that_have_grown(
    house: House, send: Callable[..., Tenants]
) -> None:
    house.start(journey=8)
    house.slow_carrier("TMS_CREATE_ORDER_OFFLINE_NOTIFY", 0.2)
    tenants = send(PARCELS, pause=0.2)
    until(lambda: len(tenants.acknowledged) > 10, "nobody could book")
    for name, kind in NEW.items():
        for model in TABLES:
            until(lambda: in_flight() and under_lease(), "nothing was under way")
            _add(model, name, kind())
    grown_at = len(tenants.acknowledged)
    assert grown_at < PARCELS - 10, "all was over before the tables had grown"

    tenants.finish(60)
    assert set(tenants.statuses) <= {201, 200}, "a migration cost a tenant a try"
    wait_for_rest(house)
    check_ending(house, tenants)
    for model in TABLES:
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT COUNT(*), SUM(next_count = 7) FROM {table}")
            rows, filled = cursor.fetchone()
        assert rows == filled == model.objects.count(), model
    assert "Traceback" not in "".join(map(house.words, house.programs))


def _add(model: type[models.Model], name: str, field: models.Field[Any, Any]) -> None:
    """What the migration of a next version does, in a transaction where the engine has them."""
    field.set_attributes_from_name(name)
    field.model = model
    connection.close()
    with connection.schema_editor() as editor:
        editor.add_field(model, field)
