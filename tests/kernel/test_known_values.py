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


def test_folding_says_where_each_character_comes_from() -> None:
    text = "１３８-00 ①é"
    assert folded(text) == "138001e"
    assert [text[at] for at in positions(text)] == ["１", "３", "８", "0", "0", "①", "é"]
