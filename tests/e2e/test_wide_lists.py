"""Every column of every list stands beside the filters at 1440 pixels, long names and all."""

from __future__ import annotations

import pytest

from tests.e2e.browser import Visitor
from tests.e2e.house import House

pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.timeout(300)]
OPERATOR, PASSWORD = "kuanping", "Tonglu-e2e-2026"
ROWS = """
from datetime import timedelta
from tests.console.rows import make_call, make_callback, make_order
from tests.factories import QuotaFactory, TenantFactory
tenant = TenantFactory(platform_code='wide', name='杭州桐庐一路顺风电子商务有限责任公司')
QuotaFactory(tenant=tenant)
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
"""
LISTS = (
    "logistics/expressorder", "logistics/calllog", "logistics/callbackrecord",
    "quotas/tenantquota", "quotas/quotadetail", "quotas/quotastatement", "admin/logentry",
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
    assert over == {}
