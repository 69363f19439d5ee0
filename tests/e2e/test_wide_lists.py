"""Every column of every list stands beside the filters at 1440 pixels, long names and all."""

from __future__ import annotations

import pytest

from tests.e2e.browser import Visitor
from tests.e2e.house import House

pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.timeout(300)]
OPERATOR, PASSWORD = "kuanping", "Tonglu-e2e-2026"
ROWS = """
from datetime import timedelta
from accounts.models import CallbackEndpoint, TenantEvent
from delivery.models import DeliverySettings, DispatchOffer, PriceRule
from django.utils import timezone
from tests.console.deliveries import make_delivery, make_rider
from tests.console.rows import make_call, make_callback, make_order
from tests.factories import QuotaFactory, TenantFactory
tenant = TenantFactory(platform_code='wide', name='杭州桐庐一路顺风电子商务有限责任公司',
    callback_url='https://mini-program.example-of-a-long-host-name.com.cn/api/delivery/callback')
QuotaFactory(tenant=tenant)
DeliverySettings.objects.create(tenant=tenant)
PriceRule.objects.create(name='杭州市区夜间配送价格', marker=1, tenant=tenant, owner=tenant.pk)
at = timezone.now()
endpoint = CallbackEndpoint.objects.create(
    tenant=tenant, is_test=True, created_at=at, failing_since=at, last_attempt_at=at,
    last_success_at=at)
rider = make_rider(name='司马相如', area='桐庐县城南街道与旧县街道', vehicle='motorbike')
for number in range(40):
    order = make_order(
        order_no=f'EX2611212326{number:02}ZWHGMXN5XC', tenant=tenant, cp_name='圆通速递',
        status='waybill_created', asking='create', waybill_no='YT7871998236972',
        receiver_city='德宏傣族景颇族自治州')
    make_call(ago=timedelta(hours=1), order_id=order.pk, tenant_id=tenant.pk, success=False,
        outcome=('refused', 'retry', 'unknown')[number % 3], error_type='network',
        response_code='ILLEGAL_PARAM', duration_ms=15000,
        response_msg='tradeOrderInfoDtos[0].recipient.name:含有不支持的字符')
    make_callback(order=order, callback_type='in_transit', processed=True,
        process_result='已记入轨迹，状态仍为 in_transit')
    delivery = make_delivery(
        order_no=f'DL2611212326{number:02}ZWHGMXN5XC', tenant=tenant, rider=rider,
        external_order_no=f'NC202611212326000000123{number:02}', status='picked_up')
    DispatchOffer.objects.create(
        order=delivery, rider=rider, round=1, attempt=1, radius_m=5000, distance_m=4300,
        expires_at=at, created_at=at)
    TenantEvent.objects.create(
        endpoint=endpoint, tenant=tenant, is_test=True, kind='delivery_order',
        event_id=f'evt_{number}', subject_id=delivery.pk, sequence=1, content={},
        order_no=delivery.order_no, external_order_no=delivery.external_order_no,
        event_type='delivery.return_started', occurred_at=at, created_at=at, due_at=at,
        attempts=12, last_status=200, last_error='应答不是 code 为 0 的 JSON，也不是 success')
"""
LISTS = (
    "logistics/expressorder", "logistics/calllog", "logistics/callbackrecord",
    "quotas/tenantquota", "quotas/quotadetail", "quotas/quotastatement", "admin/logentry",
    "accounts/tenant", "accounts/tenantevent", "accounts/callbackendpoint",
    "delivery/deliveryorder", "delivery/rider", "delivery/dispatchoffer", "delivery/pricerule",
    "delivery/deliverysettings",
)  # fmt: skip
OVER = """(() => {
    const list = document.querySelector("#content-main .results");
    return list ? list.scrollWidth - list.clientWidth : 0;
})()"""


def test_no_column_is_cut_off(house: House, visitor: Visitor) -> None:
    house.manage(
        "create_operator", "--username", OPERATOR, "--role", "platform_admin",
        TONGLU_PASSWORD=PASSWORD,
    )  # fmt: skip
    house.manage("shell", "-c", ROWS)
    visitor.go("/admin/")
    visitor.page.fill("#id_username", OPERATOR)
    visitor.page.fill("#id_password", PASSWORD)
    visitor.page.click("input[type=submit]")
    over = {}
    for path in LISTS:
        visitor.go(f"/admin/{path}/")
        if wider := visitor.page.evaluate(OVER):
            over[path] = wider
            visitor.glance("too-wide-" + path.replace("/", "-"))
    assert over == {}
