"""An operator's day in a real browser: every main path of the console, each leaving a picture."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Visitor
from tests.e2e.house import House

pytestmark = pytest.mark.timeout(600)
OPERATOR, PASSWORD = "xiaolu", "Tonglu-e2e-2026"
APP_KEY, APP_SECRET = "e2e-app", "e2e-secret"
TENANT = "e2e-tea"
BLOCK = "张三 13800138000 浙江省杭州市余杭区文一西路969号"
SECONDS = 60


def until(visitor: Visitor, state: str, path: str) -> None:
    """Look at an order's page again and again until it is in this state."""
    ends = time.monotonic() + SECONDS
    while True:
        visitor.go(path)
        if visitor.page.locator(".state").first.inner_text().strip() == state:
            return
        assert time.monotonic() < ends, f"{path} was never {state}"
        time.sleep(0.5)


class Day:
    """One operator, one browser, one house; each method is a path."""

    def __init__(self, house: House, visitor: Visitor, downloads: Path) -> None:
        self.house, self.visitor, self.page = house, visitor, visitor.page
        self.downloads = downloads
        self.order_path = ""
        self.order_no = ""

    def said(self, text: str) -> None:
        """The page tells what was done."""
        expect(self.page.locator("ul.messagelist")).to_contain_text(text)

    def save(self) -> None:
        self.page.locator("input[name=_save]").first.click()

    def log_in(self) -> None:
        self.visitor.go("/admin/")
        self.page.fill("#id_username", OPERATOR)
        self.page.fill("#id_password", "wrong")
        self.page.click("input[type=submit]")
        expect(self.page.locator(".errornote")).to_be_visible()
        self.visitor.picture("01-login-refused")
        self.page.fill("#id_username", OPERATOR)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("input[type=submit]")
        expect(self.page.locator("#content")).to_contain_text("尚未配置")
        self.visitor.picture("02-home-of-an-empty-platform")

    def test_account(self) -> None:
        url = f"{self.house.sandbox_url}/cainiao/gateway/link.do"
        self.house.control(
            "accounts",
            {
                "system": "cainiao",
                "app_key": APP_KEY,
                "app_secret": APP_SECRET,
                "callback_url": f"{self.house.url}/api/platform/cainiao/callback",
            },
        )
        self.visitor.go("/admin/logistics/cainiaoaccount/add/")
        self.page.fill("#id_app_key", APP_KEY)
        self.page.fill("#id_app_secret", "not-the-secret")
        self.page.fill("#id_endpoint_url", url)
        self.visitor.picture("03-account-form")
        self.page.locator("input[name=_continue]").first.click()
        self.press("测试连通")
        self.page.locator(".submit-row input.default").click()
        expect(self.page.locator("#content")).to_contain_text("S02")
        self.visitor.picture("04-account-test-failed")
        self.page.fill("#id_app_secret", APP_SECRET)
        self.page.locator("input[name=_continue]").first.click()
        self.press("测试连通")
        self.page.locator(".submit-row input.default").click()
        expect(self.page.locator("ul.messagelist .success")).to_be_visible()
        self.visitor.picture("05-account-test-passed")

    def press(self, label: str) -> None:
        """A button among the object's tools."""
        self.page.locator(".object-tools").get_by_text(label, exact=True).click()

    def make_default_rule(self) -> None:
        self.visitor.go("/admin/logistics/expressrule/add/")
        values = {
            "rule_name": "桐庐仓", "cp_code": "YTO", "cp_name": "圆通速递",
            "sender_name": "桐庐茶行", "sender_phone": "0571-64231234",
            "sender_province": "浙江省", "sender_city": "杭州市", "sender_district": "桐庐县",
            "sender_address": "迎春南路1号",
        }  # fmt: skip
        for name, value in values.items():
            self.page.fill(f"#id_{name}", value)
        self.page.locator("input[name=_continue]").first.click()
        self.press("设为默认")
        self.confirm("第一条规则")
        expect(self.page.locator("ul.messagelist .success")).to_be_visible()
        self.visitor.picture("06-default-rule")

    def confirm(self, reason: str = "") -> None:
        """The page that asks once more."""
        if reason:
            self.page.fill("#id_reason", reason)
        self.page.locator("#content .submit-row input.default").click()

    def make_tenant_with_quota(self) -> None:
        self.visitor.go("/admin/accounts/tenant/add/")
        self.page.fill("[name=platform_code], [name=code]", TENANT)
        self.page.fill("[name=name]", "桐庐茶行")
        self.save()
        expect(self.page.locator("#content")).to_contain_text("sk_")
        self.visitor.picture("07-secrets-shown-once")
        self.visitor.go("/admin/quotas/tenantquota/add/")
        self.choose_tenant()
        self.page.fill("#id_monthly_free_quota", "10")
        self.save()
        self.visitor.go("/admin/quotas/tenantquota/")
        expect(self.page.locator("#result_list")).to_contain_text("桐庐茶行")

    def choose_tenant(self) -> None:
        self.page.locator(".select2-selection").first.click()
        self.page.locator(".select2-search__field").fill(TENANT)
        self.page.locator(".select2-results__option", has_text="桐庐茶行").click()

    def paste_and_create(self, block: str = BLOCK, picture: str = "") -> str:
        self.visitor.go("/admin/logistics/expressorder/add/")
        self.choose_tenant()
        self.page.locator("[data-side=receiver] textarea").fill(block)
        name = block.split(maxsplit=1)[0]
        expect(self.page.locator("#id_receiver_name")).to_have_value(name)
        expect(self.page.locator("#id_receiver_district")).to_have_value("余杭区")
        expect(self.page.locator("#terms")).to_contain_text("10")
        self.page.fill("#id_goods_name", "龙井茶")
        self.page.fill("#id_weight", "1.25")
        if picture:
            self.page.click("#find-branches")
            self.page.locator(".branch-list input[name=branch]").first.check()
            self.visitor.picture(picture)
        self.page.click("input[name=_book]")
        expect(self.page.locator("ul.messagelist")).to_be_visible()
        found = re.search(r"/expressorder/(\d+)/change/", self.page.url)
        assert found is not None, self.page.url
        return f"/admin/logistics/expressorder/{found[1]}/change/"

    def create_order(self) -> None:
        self.order_path = self.paste_and_create(picture="08-create-order")
        content = self.page.locator("#content").inner_text()
        found = re.search(r"EX[0-9]{12}[A-Z0-9]{10}", content)
        assert found is not None
        self.order_no = found[0]
        until(self.visitor, "已出面单", self.order_path)
        self.visitor.picture("09-order-with-waybill")

    def watch_it_signed(self) -> None:
        for status in ("ACCEPT", "GOT", "TRANSPORT", "SENT", "SIGNED"):
            self.house.control(
                "push", {"system": "cainiao", "tradeOrderNo": self.order_no, "status": status}
            )
        until(self.visitor, "已签收", self.order_path)
        self.visitor.picture("10-order-signed")

    def print_label(self) -> None:
        button = self.page.get_by_role("button", name="打印面单")
        kind, size = button.evaluate(
            "b => fetch(b.form.action, {method: 'POST', body: new FormData(b.form)})"
            ".then(a => a.blob()).then(blob => [blob.type, blob.size])"
        )
        assert kind == "application/pdf"
        assert size > 10_000

    def show_everything(self) -> None:
        self.visitor.go(self.order_path)
        assert "13800138000" not in self.page.content()
        self.page.get_by_role("button", name="显示完整信息").click()
        expect(self.page.locator("#content")).to_contain_text("13800138000")

    def cancel(self) -> None:
        path = self.paste_and_create("李四 13900139000 浙江省杭州市余杭区文一西路970号")
        until(self.visitor, "已出面单", path)
        self.press("取消订单")
        self.visitor.picture("11-cancel-asks-why")
        self.confirm("客户改了主意")
        until(self.visitor, "已取消", path)
        self.visitor.picture("12-order-cancelled")

    def adjust_quota(self) -> None:
        self.visitor.go("/admin/quotas/tenantquota/")
        self.visitor.picture("13-quotas")
        self.page.locator("#result_list tbody th a").first.click()
        self.page.fill("#id_monthly_free_quota", "500")
        self.page.locator("input[name=_continue]").first.click()
        self.visitor.picture("14-quota")
        self.press("核对账目")
        expect(self.page.locator(".quota-verdict")).to_be_visible()
        self.visitor.picture("15-books-proved")

    def read_log(self) -> None:
        self.visitor.go("/admin/logistics/calllog/")
        self.visitor.picture("16-call-log")
        self.visitor.go(f"/admin/logistics/calllog/?q={self.order_no}")
        self.page.locator("#result_list tbody th a").first.click()
        assert "13800138000" not in self.page.content()
        self.visitor.picture("17-call")
        self.visitor.go("/admin/logistics/callbackrecord/")
        self.visitor.picture("18-callbacks")

    def export(self) -> None:
        self.visitor.go("/admin/logistics/expressorder/")
        self.visitor.picture("19-orders")
        for label, ending in (("导出 CSV", ".csv"), ("导出 XLSX", ".xlsx")):
            with self.page.expect_download() as waited:
                self.press(label)
            file = self.downloads / f"orders{ending}"
            waited.value.save_as(file)
            data = file.read_bytes()
            assert (self.order_no.encode() in data) if ending == ".csv" else data[:2] == b"PK"

    def import_file(self) -> None:
        file = self.downloads / "parcels.csv"
        lines = ["商家订单号,收件人,收件人电话,收件地址"]
        lines += [f"B-{n},王五,1370013700{n},浙江省杭州市西湖区文三路{n}号" for n in range(5)]
        lines += ["B-9,赵六,不是电话,浙江省杭州市西湖区文三路9号"]
        file.write_text("\n".join(lines), encoding="utf-8")
        self.visitor.go("/admin/logistics/expressorder/import/")
        self.choose_tenant()
        self.page.set_input_files("input[type=file]", file)
        self.confirm()
        expect(self.page.locator("#content")).to_contain_text("电话格式不正确")
        self.visitor.picture("20-import-preview")
        self.page.locator("button[value=confirm]").click()
        expect(self.page.locator(".figures")).to_contain_text("已完成", timeout=SECONDS * 1000)
        self.visitor.picture("21-import-done")

    def reports(self) -> None:
        self.house.manage("roll_up")
        for number, name in enumerate(("orders", "tenants", "settlement"), 22):
            self.visitor.go(f"/admin/reports/{name}/")
            expect(self.page.locator("#content table").first).to_be_visible()
            self.visitor.picture(f"{number}-report-{name}")

    def end(self) -> None:
        self.visitor.go("/admin/")
        self.visitor.picture("25-home")
        self.visitor.go("/admin/admin/logentry/")
        expect(self.page.locator("#result_list")).to_contain_text("客户改了主意")
        self.visitor.picture("26-history")


def fits_a_phone(visitor: Visitor, paths: list[str]) -> None:
    wide = {}
    for path in paths:
        visitor.go(path)
        if over := visitor.widest():
            wide[path] = over
    assert not wide


def test_an_operators_day(house: House, visitor: Visitor, tmp_path: Path) -> None:
    house.manage(
        "create_operator", "--username", OPERATOR, "--role", "platform_admin",
        TONGLU_PASSWORD=PASSWORD,
    )  # fmt: skip
    day = Day(house, visitor, tmp_path)
    paths: list[Callable[[], None]] = [
        day.log_in, day.test_account, day.make_default_rule, day.make_tenant_with_quota,
        day.create_order, day.watch_it_signed, day.print_label, day.show_everything, day.cancel,
        day.adjust_quota, day.read_log, day.export, day.import_file, day.reports, day.end,
    ]  # fmt: skip
    for path in paths:
        path()
    fits_a_phone(
        visitor,
        ["/admin/", "/admin/logistics/expressorder/add/", day.order_path,
         "/admin/quotas/tenantquota/", "/admin/reports/orders/"],
    )  # fmt: skip
