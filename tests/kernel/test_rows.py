"""A row inserted by its template is the very row that `save()` would have left."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models
from django.test.utils import isolate_apps

from accounts.models import RequestNonce, Tenant, User
from config.kernel.rows import insert, update
from logistics.models import CallbackRecord, ExpressOrder
from logistics.states import OrderStatus
from quotas.models import QuotaDetail
from quotas.states import QuotaType

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 2, 28, 16, 0, 0, 123456, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "order_no": "EX1", "tenant_order_no": "张-1", "content_hash": "a" * 64, "is_test": True,
    "cp_code": "YTO", "sender_name": "寄😀", "sender_phone": "0571-1", "receiver_name": "收",
    "receiver_phone": "13800138000", "receiver_phone_hash": "b" * 64, "weight": Decimal("1.2"),
    "volume": Decimal(0), "goods_count": 3, "track_info": [{"a": "中"}],
    "status": OrderStatus.CREATED, "due_at": AT, "news_at": AT, "created_at": AT, "updated_at": AT,
    "tenant_id": 7, "account_id": None,
}  # fmt: skip
CALLBACK: dict[str, Any] = {
    "callback_id": "c", "raw_data": {"a": [1, None]}, "raw_body": b"\x00\xff\r\n", "account_id": 0,
    "due_at": AT, "created_at": AT,
}  # fmt: skip
DETAIL: dict[str, Any] = {
    "tenant_id": 7, "order_id": 8, "quota_type": QuotaType.OVERAGE, "amount": Decimal("1.50"),
    "line_no": 1, "period_no": 2, "period_start": date(2026, 2, 1), "created_at": AT,
}  # fmt: skip
NONCE: dict[str, Any] = {"credential_id": 1, "nonce": "n", "created_at": AT}
ROWS = [
    (ExpressOrder, ORDER, {"order_no": "EX2", "tenant_order_no": "张-2"}),
    (CallbackRecord, CALLBACK, {"callback_id": "d"}),
    (QuotaDetail, DETAIL, {"order_id": 9}),
    (RequestNonce, NONCE, {"nonce": "m"}),
]


def stored(row: models.Model) -> dict[str, Any]:
    """The row as the database holds it, encrypted columns as they decrypt."""
    raw = f"SELECT * FROM {row._meta.db_table} WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute(raw, [row.pk])
        columns = [column[0] for column in cursor.description]
        found = dict(zip(columns, cursor.fetchone(), strict=True))
    if "raw_body" in found:
        found["raw_body"] = type(row)._default_manager.get(pk=row.pk).raw_body
    return found


@pytest.mark.parametrize(("model", "columns", "other"), ROWS)
def test_it_leaves_what_save_leaves(
    model: type[models.Model], columns: dict[str, Any], other: dict[str, Any]
) -> None:
    saved = model(**columns)
    saved.save(force_insert=True)
    inserted = insert(model, columns | other)
    assert inserted.pk == saved.pk + 1
    assert not inserted._state.adding
    expected = stored(saved) | other | {"id": inserted.pk}
    assert stored(inserted) == expected
    inserted.save()  # as any row that was read
    assert model._default_manager.count() == 2


def test_a_taken_number_is_refused_as_by_save() -> None:
    insert(RequestNonce, NONCE)
    with pytest.raises(IntegrityError):
        insert(RequestNonce, NONCE)
    assert RequestNonce.objects.count() == 1


@isolate_apps("accounts")  # other tests go through the models there are
def test_a_table_that_needs_more_than_its_columns_is_refused() -> None:
    class Child(User):
        class Meta:
            app_label = "accounts"

    with pytest.raises(TypeError, match="parents"):
        insert(Child, {})
    with pytest.raises(TypeError, match="set themselves"):
        insert(Tenant, {})


def test_a_column_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="nounce"):
        insert(RequestNonce, NONCE | {"nounce": "n"})


def test_an_update_leaves_what_the_orms_leaves() -> None:
    one = insert(ExpressOrder, ORDER)
    two = insert(ExpressOrder, ORDER | {"order_no": "EX2", "tenant_order_no": "张-2"})
    changes: dict[str, Any] = {
        "status": OrderStatus.SIGNED, "freight": Decimal("3.5"), "sign_time": AT, "remark": None,
        "track_info": [{"b": "文", "n": None}], "goods_count": 0, "rule_id": 5, "is_test": False,
    }  # fmt: skip
    assert ExpressOrder.objects.filter(pk=one.pk, version=0).update(**changes) == 1
    assert update(ExpressOrder, {"pk": two.pk, "version": 0}, changes) == 1
    other = {"id": two.pk, "order_no": "EX2", "tenant_order_no": "张-2"}
    assert stored(two) == stored(one) | other


def test_an_update_meets_only_rows_that_hold_what_was_known() -> None:
    row = insert(ExpressOrder, ORDER)
    assert update(ExpressOrder, {"pk": row.pk, "version": 1}, {"remark": "x"}) == 0
    assert update(ExpressOrder, {"pk": row.pk, "version": 0}, {"version": 0}) == 1
    assert ExpressOrder.objects.get().remark is None
