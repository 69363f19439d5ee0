"""Who lacks the permission to reveal sees no name, phone or address of anybody, and the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from config.sandbox import Sandbox
from logistics.models import CallLog, ExpressOrder
from tests.platform.conftest import Program, program_of, told

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE: dict[str, str] = {
    "receiver_name": "欧阳振华", "receiver_phone": "13812345678", "sender_name": "诸葛孔明",
    "sender_phone": "0571-87654321", "receiver_address": "浙江省杭州市余杭区文一西路969号3幢502室",
    "sender_address": "浙江省杭州市桐庐县迎春南路88号B座1101",
}  # fmt: skip
PROSE = "收件人欧阳振华拒接，文一西路969号无人；寄件人诸葛孔明，迎春南路88号B座"
SECRETS = ["欧阳振华", "振华", "13812345678", "诸葛孔明", "孔明", "87654321", "969号", "88号B座",
           "502室", "王快递", "13700001111"]  # fmt: skip
UNTOUCHED = (
    "id", "order_no", "cp_code", "cp_name", "status", "waybill_no", "waybill_status", "tenant_id",
    "receiver_province", "receiver_city", "receiver_district", "branch_name", "branch_code",
    "created_at", "weight", "freight", "pay_method", "service_type", "cainiao_order_id",
)  # fmt: skip


@pytest.fixture
def order(tenant: Tenant, sandbox: Sandbox, admin: Program) -> Any:
    made = told(admin.post("/orders/create", {**PEOPLE, "tenant_id": tenant.pk}))
    row = ExpressOrder.objects.get()
    row.courier_name, row.courier_phone = "王快递", "13700001111"
    row.track_info = [
        {"time": "2026-11-21T10:00:00+08:00", "status": None, "code": "GOT",
         "desc": "快递员:王快递，电话13700001111，已取件", "applied": True}
    ]  # fmt: skip
    row.last_track_desc = row.status_desc = row.track_info[0]["desc"]
    row.exception_reason = "联系不上 13812345678"
    row.remark = row.cancel_refused_reason = PROSE
    row.track_info.append({**row.track_info[0], "desc": PROSE})
    row.save()
    CallLog.objects.filter(order_id=row.pk).update(
        response_msg=PROSE, error_detail=PROSE, response_data={"errorMsg": PROSE}
    )
    return made


@pytest.mark.parametrize("role", ["auditor", "finance"])
def test_they_see_everything_masked(order: Any, admin: Program, role: str) -> None:
    reader = program_of(role)
    for path in ("/orders", f"/orders/{order['id']}"):
        whole, masked = admin.get(path), reader.get(path)
        assert set(SECRETS) - {"振华", "孔明"} <= _found(whole), path
        assert _found(masked) == set(), path
        seen, shown = _only(told(whole)), _only(told(masked))
        assert set(seen) == set(shown)
        assert {name: shown[name] for name in UNTOUCHED} == {name: seen[name] for name in UNTOUCHED}
        assert shown["receiver_name"] == "欧***"
        assert shown["receiver_phone"] == "138****5678"
    assert told(reader.get(f"/orders/{order['id']}"))["print_data"] == "***"
    (rule,) = told(reader.get("/rules"))["items"]
    assert (rule["rule_name"], rule["cp_name"], rule["sender_city"]) == (
        "默认规则", "圆通速递", "杭州市",
    )  # fmt: skip
    assert (rule["sender_name"], rule["sender_phone"]) == ("桐**", "057****6666")
    assert "迎春南路1号" not in json.dumps(rule, ensure_ascii=False)


@pytest.mark.parametrize("role", ["operations", "support"])
def test_who_needs_them_sees_them(order: Any, admin: Program, role: str) -> None:
    path = f"/orders/{order['id']}"
    assert told(program_of(role).get(path)) == told(admin.get(path))


def test_each_answer_in_full_is_on_record_and_a_masked_one_is_not(
    order: Any, admin: Program
) -> None:
    LogEntry.objects.all().delete()
    for role in ("auditor", "finance"):
        reader = program_of(role)
        told(reader.get(f"/orders/{order['id']}"))
        told(reader.get("/orders"))
    told(admin.get("/orders?status=signed"))
    assert not LogEntry.objects.exists()
    reader = program_of("support")
    told(reader.get(f"/orders/{order['id']}"))
    told(reader.get("/orders?mail_no=13812345678"))
    told(reader.get(f"/orders?tenant_id={order['tenant_id']}&page_size=5"))
    told(reader.post(f"/orders/{order['id']}/waybill", {}))
    entries = LogEntry.objects.filter(user_id=reader.user.pk).order_by("pk")
    listed = f"经接口列出 1 单的完整收寄件信息；筛选：tenant_id={order['tenant_id']} page_size=5"
    whole = (str(order["id"]), "经接口查看完整收寄件信息")
    assert list(entries.values_list("object_id", "change_message")) == [
        whole, (None, listed), whole,
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["superuser", "auditor"])
def test_the_call_log_is_masked_for_everybody(order: Any, role: str) -> None:
    reader = program_of(role)
    with CaptureQueriesContext(connection) as seen:
        answer = reader.get("/logs?page_size=100")
    assert len([query for query in seen if "platform_express_orders" in query["sql"]]) == 1
    assert told(answer)["total"] >= 4
    assert _found(answer) == set()


def _found(answer: Any) -> set[str]:
    text = answer.content.decode()
    assert answer.status_code == 200, text
    return {secret for secret in SECRETS if secret in text}


def _only(data: Any) -> Any:
    return data["items"][0] if "items" in data else data
