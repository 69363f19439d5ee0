"""Quotas by API: set, closed and revived, without a unit lost to whoever books meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import Tenant
from config.sandbox import Sandbox
from logistics.models import ExpressOrder
from logistics.services.booking import book_order
from logistics.services.drafts import read_draft
from quotas.errors import QuotaDisabled, QuotaMissing
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import find_discrepancies
from quotas.services.closing import reset_now
from quotas.services.hot_row import PLENTY
from quotas.services.settings import remove_quota, save_quota
from tests.factories import QuotaFactory, TenantFactory
from tests.logistics.conftest import PARCEL
from tests.platform.conftest import Program, told
from tests.races import race
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)


def book(tenant: Tenant) -> ExpressOrder:
    return book_order(draft=read_draft(PARCEL), tenant_id=tenant.pk, at=timezone.now()).order


def test_a_quota_is_set_up_changed_and_listed_as_of_now(admin: Program) -> None:
    tenant = TenantFactory()
    first = told(admin.post("/quotas", {"tenant_id": tenant.pk, "monthly_free_quota": 5}))
    assert (first["tenant_name"], first["free_left"]) == (tenant.name, 5)
    assert (first["overage_price"], first["overage_enabled"]) == ("0.00", False)
    changed = told(
        admin.post("/quotas", {"tenant_id": tenant.pk, "overage_enabled": True,
                               "overage_price": 1.5, "quota_reset_day": 15})
    )  # fmt: skip
    assert (changed["id"], changed["monthly_free_quota"]) == (first["id"], 5)
    assert (changed["overage_price"], changed["quota_reset_day"]) == ("1.50", 15)
    assert told(admin.get("/quotas"))["items"] == [changed]
    TenantQuota.objects.update(
        period_start="2025-01-01", period_end="2025-02-01", monthly_used=4, total_used=4
    )
    (listed,) = told(admin.get("/quotas"))["items"]
    assert (listed["monthly_used"], listed["free_left"], listed["total_used"]) == (0, 5, 4)
    assert listed["period_no"] > 1


def test_quotas_are_found_by_tenant_and_status(admin: Program) -> None:
    quotas = [QuotaFactory(), QuotaFactory(status="suspended")]
    for query, wanted in (
        (f"tenant_id={quotas[0].tenant_id}", [quotas[0].pk]),
        ("status=suspended", [quotas[1].pk]),
        ("page_size=1", [quotas[1].pk]),
    ):
        found = told(admin.get(f"/quotas?{query}"))["items"]
        assert [row["id"] for row in found] == wanted


def test_a_quota_nothing_was_drawn_on_is_removed(admin: Program) -> None:
    quota = QuotaFactory()
    assert told(admin.delete(f"/quotas/{quota.pk}")) == {"id": quota.pk, "removed": True}
    assert not TenantQuota.objects.exists()
    assert told(admin.delete(f"/quotas/{quota.pk}"), 404) == "not_found"
    again = told(admin.post("/quotas", {"tenant_id": quota.tenant_id}))
    assert (again["monthly_free_quota"], again["status"]) == (0, "enabled")


def test_a_quota_with_details_is_closed_hidden_and_comes_back(
    admin: Program, tenant: Tenant, client: TenantClient
) -> None:
    quota = TenantQuota.objects.get()
    quota.monthly_free_quota = PLENTY * 2  # so that a glance at it is kept
    quota.save()
    book(tenant)
    book(tenant)
    assert told(admin.delete(f"/quotas/{quota.pk}")) == {"id": quota.pk, "removed": False}
    assert told(admin.get("/quotas"))["items"] == []
    assert told(admin.delete(f"/quotas/{quota.pk}"), 404) == "not_found"
    refused = client.get("/api/v1/quota")
    assert (refused.status_code, refused.json()["error"]) == (422, "quota_missing")
    with pytest.raises((QuotaMissing, QuotaDisabled)):
        book(tenant)
    details = told(admin.get(f"/quotas/details?tenant_id={tenant.pk}"))
    assert (details["total"], QuotaDetail.objects.count()) == (2, 2)
    assert ExpressOrder.objects.count() == 2
    back = told(admin.post("/quotas", {"tenant_id": tenant.pk, "monthly_free_quota": 3}))
    assert (back["id"], back["status"], back["monthly_used"]) == (quota.pk, "enabled", 2)
    assert back["free_left"] == 1
    book(tenant)
    assert client.get("/api/v1/quota").json()["data"]["free_left"] == 0
    assert list(find_discrepancies()) == []
    texts = list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))
    assert texts[0] == "关闭租户配额"
    assert texts[1].startswith("恢复租户配额；")


def test_a_unit_goes_back_to_a_quota_that_was_closed(
    admin: Program, tenant: Tenant, sandbox: Sandbox
) -> None:
    order = book(tenant)
    told(admin.delete(f"/quotas/{TenantQuota.objects.get().pk}"))
    told(admin.post(f"/orders/{order.pk}/cancel", {"reason": "x"}))
    quota = TenantQuota.objects.get()
    assert (quota.monthly_used, quota.status) == (0, "disabled")
    assert list(find_discrepancies()) == []
    back = told(admin.post("/quotas", {"tenant_id": tenant.pk, "status": "suspended"}))
    assert back["status"] == "suspended"


def test_a_quota_with_nothing_but_a_statement_is_kept(admin: Program, tenant: Tenant) -> None:
    reset_now(tenant_id=tenant.pk, at=timezone.now())
    assert QuotaStatement.objects.count() == 1
    assert told(admin.delete(f"/quotas/{TenantQuota.objects.get().pk}"))["removed"] is False
    assert TenantQuota.objects.get().hidden_at is not None


def test_details_are_the_ledger_newest_first(admin: Program, tenant: Tenant) -> None:
    order = book(tenant)
    told(admin.post(f"/orders/{order.pk}/cancel", {"reason": "x"}))
    items = told(admin.get("/quotas/details"))["items"]
    assert [(row["used_num"], row["line_no"], row["order_id"]) for row in items] == [
        (-1, 2, order.pk), (1, 1, order.pk),
    ]  # fmt: skip
    assert items[0]["amount"] == "0.00"
    today = timezone.localdate().isoformat()
    for query, wanted in ((f"date_range={today},{today}", 2), ("date_to=2020-01-01", 0),
                          (f"tenant_id={tenant.pk}", 2), ("tenant_id=0", 0)):  # fmt: skip
        assert told(admin.get(f"/quotas/details?{query}"))["total"] == wanted


@pytest.mark.parametrize("units", [50, PLENTY * 2])
@pytest.mark.parametrize("drawn_before", [0, 1])
def test_whoever_books_while_the_quota_is_removed_is_served_or_refused(
    tenant: Tenant, units: int, drawn_before: int
) -> None:
    for _ in range(3):
        save_quota(tenant_id=tenant.pk, at=timezone.now(), monthly_free_quota=units)
        for _ in range(drawn_before):
            book(tenant)
        before = QuotaDetail.objects.count()
        pk = TenantQuota.objects.get(tenant=tenant).pk
        removed, *results = race(
            [lambda pk=pk: remove_quota(quota_id=pk, at=timezone.now())]
            + [lambda: book(tenant)] * 4
        )
        served = [result for result in results if isinstance(result, ExpressOrder)]
        refused = [result for result in results if not isinstance(result, ExpressOrder)]
        assert all(isinstance(exc, QuotaMissing | QuotaDisabled) for exc in refused), refused
        assert QuotaDetail.objects.count() == before + len(served)
        row = TenantQuota.objects.filter(tenant=tenant).first()
        assert (row is None) is removed
        if removed:
            assert (before, served) == (0, [])
        else:
            assert row is not None
            assert (row.status, row.hidden_at is not None) == ("disabled", True)
        assert list(find_discrepancies()) == []


def test_removed_and_revived_at_once_it_ends_as_one_of_the_two(tenant: Tenant) -> None:
    for drawn in (0, 1, 1):
        save_quota(tenant_id=tenant.pk, at=timezone.now(), monthly_free_quota=50)
        for _ in range(drawn):
            book(tenant)
        pk = TenantQuota.objects.get(tenant=tenant).pk
        results = race(
            [lambda pk=pk: remove_quota(quota_id=pk, at=timezone.now()),
             lambda: save_quota(tenant_id=tenant.pk, at=timezone.now(), monthly_free_quota=7)]
        )  # fmt: skip
        assert not [result for result in results if isinstance(result, Exception)], results
        row: Any = TenantQuota.objects.filter(tenant=tenant).first()
        if row is not None:
            assert (row.hidden_at is None) == (row.status == "enabled")
        assert list(find_discrepancies()) == []


def test_a_tenant_nobody_knows_is_named(admin: Program) -> None:
    answer = admin.post("/quotas", {"tenant_id": 123456})
    assert told(answer, 404) == "not_found"
    assert answer.json()["data"] == {"errors": {"tenant_id": ["没有编号为 123456 的租户。"]}}
    assert not TenantQuota.objects.exists()


def test_a_price_is_read_as_it_is_written(admin: Program, tenant: Tenant) -> None:
    for text in ("1_0", "-0_0", "_1"):
        given = {"tenant_id": tenant.pk, "overage_price": text}
        assert told(admin.post("/quotas", given), 400) == "malformed", text
    for zero in ("-0", "-0.00", -0.0):
        given = {"tenant_id": tenant.pk, "overage_price": zero}
        assert told(admin.post("/quotas", given))["overage_price"] == "0.00", zero
