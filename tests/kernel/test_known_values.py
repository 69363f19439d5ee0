"""Names, phones and addresses that are known are hidden in any text; other words stay."""

from __future__ import annotations

import pytest

from config.kernel.masking import KnownValues, mask_text
from config.kernel.masking.folding import folded, positions

ADDRESS = "浙江省杭州市余杭区文一西路969号3-1-502"
AREAS = ("浙江省", "杭州市", "余杭区")


def test_who_knows_nobody_hides_what_every_text_must() -> None:
    nobody = KnownValues(names=["", None, "王"], phones=[None, "110"], addresses=[(None, [None])])
    for known in (KnownValues(), nobody):
        assert known.hide("张三丰 13800138000") == mask_text("张三丰 13800138000")
        assert known.hide_kept("张三丰 13800138000") == "张三丰 13800138000"


def test_a_title_alone_is_nobodys_name() -> None:
    known = KnownValues(names=["王(女士)", "李四 / 先生"])
    assert known.hide_kept("女士内衣，先生衬衫") == "女士内衣，先生衬衫"
    assert known.hide_kept("王女士和李四") == "王***和李*"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("到浙江省杭州市余杭区了", "到浙江省杭州市余杭区了"),
        ("到余杭区文一西路969号", "到余杭区文一西路***"),
        ("放在３－１－５０２门口", "放在***门口"),
        ("放在3-1-5021门口", "放在3-1-5021门口"),
        ("2026-11-21 3:15 到", "2026-11-21 3:15 到"),
        ("运单31502", "运单31502"),
    ],
    ids=["areas", "street", "door", "other_door", "date", "number"],
)
def test_an_address_is_hidden_by_its_parts_and_without_its_areas(text: str, shown: str) -> None:
    assert KnownValues(addresses=[(ADDRESS, AREAS)]).hide_kept(text) == shown


HOUSE = "学圣路23号4幢1502室"


@pytest.mark.parametrize(
    ("address", "text", "shown"),
    [
        (HOUSE, "放1502门口", "放***门口"),
        (HOUSE, "密码在１５０２，谢谢", "密码在***，谢谢"),
        (HOUSE, "放4-1502或B1502", "放4-***或***"),
        ("阳光小区3幢502", "放502", "放***"),
        ("世纪城小区3幢A1203", "送到A1203，不是1203A", "送到***，不是***"),
        ("文一西路969号2-3-1502", "放3-1502门口", "放***门口"),
        ("Room 1203, Tower A, 88 Century Ave", "to Room 1203 or TOWER A, century, Av",
         "to *** or *** ***, Av"),
    ],
    ids=["door", "wide", "house_and_stair", "three", "letter", "tail", "latin"],
)  # fmt: skip
def test_a_door_is_known_by_its_number_alone(address: str, text: str, shown: str) -> None:
    assert KnownValues(addresses=[(address, ())]).hide(text) == shown


@pytest.mark.parametrize(
    "text",
    ["运单15021502", "单号YT1502，A15021", "数量1502", "金额：1502.00，¥1502，1,502",
     "1502元 1502 件", "3.1502 10:1502 电话138****1502", "1502g", "放502"],
)  # fmt: skip
def test_what_is_counted_paid_or_part_of_a_longer_number_is_no_door(text: str) -> None:
    assert KnownValues(addresses=[(HOUSE, ()), ("文一西路1号2-3-1502", ())]).hide_kept(text) == text


def test_a_year_is_no_door() -> None:
    known = KnownValues(addresses=[("世纪大道2026号", ())])
    assert known.hide("2026-11-21 到，2026年") == "2026-11-21 到，2026年"


def test_a_lone_number_of_what_was_kept_is_a_code() -> None:
    known = KnownValues(addresses=[(HOUSE, ())])
    kept = {"code": "1502", "answer": '{"code": 1502, "sub": "1502"}', "said": "放1502"}
    assert known.hide_kept(kept) == {**kept, "said": "放***"}
    assert known.hide("1502") == "***"


def test_service_numbers_and_short_names_beside_digits_are_hidden() -> None:
    known = KnownValues(names=["Amy"], phones=["95338", "110"])
    text = "Amy2号，店里电话95338转2，Amyloid，SAmy1，AMY123，953381，110"
    shown = "A**2号，店里电话***转2，Amyloid，SAmy1，AMY123，953381，110"
    assert known.hide_kept(text) == shown


def test_folding_says_where_each_character_comes_from() -> None:
    text = "１３８-00 ①é"
    assert folded(text) == "138001e"
    assert [text[at] for at in positions(text)] == ["１", "３", "８", "0", "0", "①", "é"]
