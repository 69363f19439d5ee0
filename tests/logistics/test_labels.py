"""A label prints true, number, words and all inside its page, or else it is refused."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from config.kernel.errors import Refusal
from config.kernel.printing.errors import (
    LabelFontUnusable,
    LabelGlyphsMissing,
    LabelsNotInstalled,
)
from logistics.errors import (
    TooManyLabels,
    WaybillAbsent,
    WaybillNotABarcode,
    WaybillVoid,
)
from logistics.models import ExpressOrder
from logistics.services import labels
from logistics.services.labels import draw_labels, label_refusals
from tests.logistics.printed import Page, Printed, read_bars

POINTS = 72 / 25.4
LONG = "浙江省杭州市余杭区文一西路九百六十九号西溪园区Building12，"


def an_order(pk: int = 1, **columns: Any) -> ExpressOrder:
    return ExpressOrder(
        **{
            "pk": pk, "order_no": f"EX26112100000{pk}ABCDEFGHJKLM", "tenant_order_no": "SHOP-77",
            "cp_code": "YTO", "cp_name": "圆通速递", "waybill_no": f"YT123456789{pk:04d}",
            "sender_name": "桐庐茶行", "sender_phone": "0571-64231234", "sender_province": "浙江省",
            "sender_city": "杭州市", "sender_district": "桐庐县", "sender_address": "迎春南路1号",
            "receiver_name": "张三丰", "receiver_phone": "13800138000",
            "receiver_province": "浙江省", "receiver_city": "杭州市",
            "receiver_district": "余杭区", "receiver_town": "五常街道",
            "receiver_address": "文一西路969号3号楼", "goods_name": "茶叶", "goods_count": 2,
            "weight": Decimal("1.250"), "volume": Decimal("0.012"), "remark": "轻拿轻放",
            "branch_name": "桐庐县公司", "branch_code": "571001", "service_type": "STANDARD",
            "pay_method": "COLLECT", "created_at": datetime(2026, 11, 21, 17, 0, tzinfo=UTC),
        }
        | columns
    )  # fmt: skip


def printed(*orders: ExpressOrder) -> list[Page]:
    return Printed(draw_labels(orders=orders)).pages


def assert_inside(page: Page) -> None:
    width, height = page.size
    for line in page.written:
        assert line.x >= 2 * POINTS, line
        assert line.x + line.width <= width - 2 * POINTS, line
        assert 2 * POINTS <= line.y <= height - 2 * POINTS - line.size * 0.8, line


def assert_apart(page: Page) -> None:
    """No two lines touch: boxes of letters as high as the font's."""
    boxes = [
        (line.x, line.y - line.size * 0.12, line.x + line.width, line.y + line.size * 0.88)
        for line in page.written
    ]
    for place, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[place + 1 :]:
            beside = right <= other[0] + 0.01 or other[2] <= left + 0.01
            assert beside or top <= other[1] + 0.01 or other[3] <= bottom + 0.01


def test_a_label_is_a_page_of_100_by_150_mm_with_everything_on_it() -> None:
    (page,) = printed(an_order())
    assert page.size == pytest.approx((100 * POINTS, 150 * POINTS), abs=0.01)
    for text in (
        "圆通速递", "YTO 标准快递", "到付", "浙江省 杭州市 余杭区", "网点：桐庐县公司 571001",
        "2026-11-22", "张三丰   13800138000", "浙江省杭州市余杭区五常街道文一西路969号3号楼",
        "桐庐茶行   0571-64231234", "浙江省杭州市桐庐县迎春南路1号", "物品：茶叶", "备注：轻拿轻放",
        "件数：2", "重量：1.25 kg", "体积：0.012 m³", "YT1234567890001",
        "订单号：EX261121000001ABCDEFGHJKLM", "商家订单号：SHOP-77", "收件人签名：",
    ):  # fmt: skip
        assert text in page.text
    assert_inside(page)
    assert_apart(page)


@pytest.mark.parametrize(
    "number",
    ["YT1234567890123", "773012345678901", "SF1", "JDVA-0123456789-1-1-", "9" * 36],
)  # fmt: skip
def test_the_bars_say_the_number_and_have_their_quiet_zones(number: str) -> None:
    (page,) = printed(an_order(waybill_no=number))
    assert read_bars(page.bars) == number
    module = min(width for _x, width in page.bars)
    assert module >= 0.17 * POINTS
    assert page.bars[0][0] - 2.5 * POINTS >= 10 * module
    assert 97.5 * POINTS - sum(page.bars[-1]) >= 10 * module


@given(st.from_regex(r"[!-~]{1,24}", fullmatch=True))
def test_any_number_of_letters_digits_and_signs_can_be_scanned(number: str) -> None:
    (page,) = printed(an_order(waybill_no=number))
    assert read_bars(page.bars) == number


def test_the_font_is_embedded_in_part_and_no_other_is_named() -> None:
    pdf = draw_labels(orders=[an_order()])
    assert pdf.count(b"/FontFile2") == 1
    assert b"+NotoSansSC-Regular" in pdf
    assert b"Helvetica" not in pdf
    assert len(pdf) < 60_000


def test_several_labels_are_one_file_in_the_order_given() -> None:
    orders = [an_order(pk) for pk in (3, 1, 2)]
    pages = printed(*orders)
    assert [read_bars(page.bars) for page in pages] == [order.waybill_no for order in orders]


def test_the_same_orders_give_the_same_bytes() -> None:
    orders = [an_order(1), an_order(2, receiver_name="李四光")]
    assert draw_labels(orders=orders) == draw_labels(orders=orders)


def test_the_longest_texts_shrink_and_stay_inside_without_overlaps() -> None:
    (page,) = printed(
        an_order(
            receiver_address=(LONG * 20)[:500], sender_address=(LONG * 20)[:500],
            remark=(LONG * 20)[:500], goods_name=(LONG * 20)[:200], receiver_name="长" * 100,
            sender_name="W" * 100, receiver_phone="1" * 50, cp_name="名" * 100,
            branch_name="点" * 100, tenant_order_no="W" * 64, receiver_province="省" * 50,
            receiver_city="市" * 50, receiver_district="区" * 50, receiver_town="镇" * 50,
            service_type="W" * 50, pay_method="C" * 20, cp_code="W" * 50, branch_code="9" * 50,
        )
    )  # fmt: skip
    assert_inside(page)
    assert_apart(page)
    assert "省" * 50 in page.text.replace(" ", "")
    for text in ("长" * 100, (LONG * 20)[:500], "W" * 64):
        assert text.replace(" ", "")[-20:] in page.text


@given(
    address=st.text("浙江省文一西路W1iﬁ，。 -", max_size=500),
    remark=st.text("轻拿轻放 mW，", max_size=500),
    name=st.text("张三Wilhelm ", min_size=1, max_size=100),
)
def test_whatever_the_lengths_nothing_leaves_the_page(address: str, remark: str, name: str) -> None:
    (page,) = printed(
        an_order(
            receiver_address=address, remark=remark, receiver_name=name, goods_name=remark[:200]
        )
    )
    assert_inside(page)
    assert_apart(page)


def test_a_place_is_not_said_twice() -> None:
    (page,) = printed(
        an_order(receiver_province="上海市", receiver_city="上海市", receiver_district="浦东新区",
                 receiver_town=None, receiver_address="上海市浦东新区世纪大道100号")
    )  # fmt: skip
    assert "上海市 浦东新区" in page.text
    assert page.text.count("上海市") == 2


def test_a_test_order_cannot_be_mistaken_for_a_parcel() -> None:
    (page,) = printed(an_order(is_test=True))
    assert "测试件，请勿揽收" in page.text
    (live,) = printed(an_order())
    assert "测试" not in live.text


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"waybill_no": None}, WaybillAbsent),
        ({"waybill_status": "invalid"}, WaybillVoid),
        ({"waybill_no": "面单1"}, WaybillNotABarcode),
        ({"waybill_no": "Y" * 100}, WaybillNotABarcode),
        ({"receiver_name": "张😀"}, LabelGlyphsMissing),
        ({"sender_address": "𠮷野家"}, LabelGlyphsMissing),
        ({"tenant_order_no": "تجربة"}, LabelGlyphsMissing),
    ],
)
def test_what_would_not_print_true_is_refused(
    columns: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        draw_labels(orders=[an_order(1), an_order(2, **columns)])
    refused = label_refusals(orders=[an_order(1), an_order(2, **columns)])
    assert {pk: type(exc) for pk, exc in refused.items()} == {2: refusal}


def test_the_characters_the_font_lacks_are_named() -> None:
    with pytest.raises(LabelGlyphsMissing) as refused:
        draw_labels(orders=[an_order(receiver_name="张😀𠮷😀")])
    assert "😀（U+1F600） 𠮷（U+20BB7）" in refused.value.text
    assert "LABEL_FONT" in refused.value.text


def test_what_has_no_shape_is_left_out_and_what_is_composed_is_drawn() -> None:
    (page,) = printed(an_order(receiver_name="张\u200d三\ufeff\ufe0f", remark="a\tb\ncafe\u0301"))
    assert "张三   13800138000" in page.text
    assert "备注：a b café" in page.text


def test_a_label_costs_less_than_100_ms() -> None:
    orders = [an_order(pk % 9, receiver_address=(LONG * 20)[:500]) for pk in range(50)]
    draw_labels(orders=orders[:1])
    start = time.process_time()
    draw_labels(orders=orders)
    assert (time.process_time() - start) / len(orders) < 0.1


def test_a_file_holds_no_more_labels_than_a_printer_has_patience() -> None:
    with pytest.raises(TooManyLabels):
        draw_labels(orders=[an_order()] * (labels.MOST_LABELS + 1))


def test_a_font_of_other_outlines_or_none_says_what_to_set(
    settings: Settings, tmp_path: Path
) -> None:
    settings.LABEL_FONT = str(tmp_path / "absent.ttf")
    with pytest.raises(LabelFontUnusable, match=r"absent\.ttf.*LABEL_FONT"):
        draw_labels(orders=[an_order()])
    for name, head in (("cff.otf", b"OTTO" + bytes(60)), ("torn.ttf", b"\0\1\0\0" + bytes(9)),
                       ("empty.ttf", b"")):  # fmt: skip
        file = tmp_path / name
        file.write_bytes(head)
        settings.LABEL_FONT = str(file)
        with pytest.raises(LabelFontUnusable, match=name):
            label_refusals(orders=[an_order()])


def test_another_font_is_taken_where_one_is_named(settings: Settings) -> None:
    from reportlab import __file__ as reportlab

    settings.LABEL_FONT = str(Path(reportlab).parent / "fonts" / "Vera.ttf")
    with pytest.raises(LabelGlyphsMissing, match="收"):
        draw_labels(orders=[an_order()])


def test_without_the_extra_a_label_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.startswith("logistics.services.labels.d")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(labels, "drawing", raising=False)
    monkeypatch.setitem(sys.modules, "reportlab.pdfgen.canvas", None)
    with pytest.raises(LabelsNotInstalled, match="pip install"):
        draw_labels(orders=[an_order()])


def test_the_font_is_found_without_its_package_being_imported() -> None:
    code = (
        "import django, sys; django.setup();"
        "from config.kernel.printing.fonts import label_font; label_font();"
        "sys.exit(bool({'zhplot', 'matplotlib'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], env=_environment(), check=False)
    assert run.returncode == 0


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
