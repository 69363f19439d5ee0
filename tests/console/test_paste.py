"""A pasted block is read into its parts; what is not certain is offered and never taken."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.divisions import is_known
from logistics.divisions.folding import fold
from logistics.divisions.index import index
from logistics.divisions.pasting import Chosen, Doubt, Pasted, split_pasted
from logistics.divisions.table import Level, provinces

ZHANG = ("张三", "13800138000", "浙江省", "杭州市", "余杭区", "", "文一西路969号")
STREET = "浙江省杭州市余杭区文一西路969号"


def parts(pasted: Pasted) -> tuple[str, ...]:
    return (
        pasted.name, pasted.phone, pasted.province, pasted.city, pasted.district, pasted.town,
        pasted.detail,
    )  # fmt: skip


CERTAIN: list[tuple[str, tuple[str, ...]]] = [
    (f"张三 13800138000 {STREET}", ZHANG),
    (f"张三\n13800138000\n{STREET}", ZHANG),
    (f"张三\r\n13800138000\r\n{STREET}\r\n", ZHANG),
    (f"张三\t13800138000\t{STREET}", ZHANG),
    (f"张三,13800138000,{STREET}", ZHANG),
    ("张三,13800138000,浙江省,杭州市,余杭区,文一西路969号", ZHANG),
    (f"张三，13800138000，{STREET}", ZHANG),
    (f"张三、13800138000、{STREET}", ZHANG),
    (f"张三；13800138000；{STREET}", ZHANG),
    (f"张三|13800138000|{STREET}", ZHANG),
    (f"张三/13800138000/{STREET}", ZHANG),
    (f"张三-13800138000-{STREET}", ZHANG),
    (f"张三13800138000{STREET}", ZHANG),
    (f"13800138000 张三 {STREET}", ZHANG),
    (f"13800138000张三{STREET}", ZHANG),
    (f"张三{STREET} 13800138000", ZHANG),
    (f"{STREET} 张三 13800138000", ZHANG),
    (f"{STREET} 13800138000 张三", ZHANG),
    (f"{STREET}，13800138000，张三 收", ZHANG),
    (f"张三(收) 13800138000 {STREET}", ZHANG),
    ("张三 13800138000 浙江 杭州 余杭 文一西路969号", ZHANG),
    ("张三　１３８００１３８０００　浙江省杭州市余杭区文一西路９６９号", ZHANG),
    (f"张三 138 0013 8000 {STREET}", ZHANG),
    (f"张三 138-0013-8000 {STREET}", ZHANG),
    (f"张三 +86 138 0013 8000 {STREET}", ZHANG),
    (f"张三 (+86)13800138000 {STREET}", ZHANG),
    (f"张三 8613800138000 {STREET}", ZHANG),
    (f"\u202d13800138000\u202c \u200b张三\ufeff {STREET}", ZHANG),
    (f"张三 13800138000 13800138000 {STREET}", ZHANG),
    (f"张三 13800138000 {STREET} 张三", ZHANG),
    (f"收件人：张三 电话：13800138000 地址：{STREET}", ZHANG),
    (f"收件人：张三\n电话：13800138000\n地址：{STREET}", ZHANG),
    (f"收件人:张三;手机号:13800138000;收货地址:{STREET}", ZHANG),
    (f"收件人 张三 电话 13800138000 地址 {STREET}", ZHANG),
    (f"【收件人】张三【电话】13800138000【地址】{STREET}", ZHANG),
    (f"地址：{STREET}\n联系电话：13800138000\n联系人：张三", ZHANG),
    (
        "收货人：张三\n手机号：13800138000\n地区：浙江省 杭州市 余杭区\n详细地址：文一西路969号",
        ZHANG,
    ),
    (
        "省：浙江 市：杭州 区：余杭 地址：文一西路969号 联系人：张三 联系电话：13800138000",
        ZHANG,
    ),
    (
        f"Name: Zhang San Tel: 13800138000 Address: {STREET}",
        ("Zhang San", *ZHANG[1:]),
    ),
    (
        "张三 13800138000 浙江省 杭州市 余杭区 五常街道 文一西路969号3幢502室",
        (*ZHANG[:5], "五常街道", "文一西路969号3幢502室"),
    ),
    (
        "李四 0571-88886666转8001 浙江省杭州市西湖区文三路90号",
        ("李四", "0571-88886666转8001", "浙江省", "杭州市", "西湖区", "", "文三路90号"),
    ),
    (
        "李四 (0571)88886666-801 浙江省杭州市西湖区文三路90号",
        ("李四", "0571-88886666转801", "浙江省", "杭州市", "西湖区", "", "文三路90号"),
    ),
    (
        "浙江省杭州市西湖区文三路90号 李四 0571 8888 6666",
        ("李四", "0571-88886666", "浙江省", "杭州市", "西湖区", "", "文三路90号"),
    ),
    (f"张三 13800138000-1234 {STREET}", (ZHANG[0], "13800138000-1234", *ZHANG[2:])),
    (
        f"客服中心 400-810-1234 {STREET}",
        ("", "400-810-1234", *ZHANG[2:6], "文一西路969号 客服中心"),
    ),
    (f"姓名：张三 电话：88886666 地址：{STREET}", (ZHANG[0], "88886666", *ZHANG[2:])),
    (
        "王女士 139-1234-5678 北京市朝阳区建国路88号SOHO现代城A座1201",
        ("王女士", "13912345678", "北京市", "北京市", "朝阳区", "",
         "建国路88号SOHO现代城A座1201"),
    ),
    (
        "欧阳娜娜 13912345678 上海市浦东新区世纪大道100号环球金融中心",
        ("欧阳娜娜", "13912345678", "上海市", "上海市", "浦东新区", "",
         "世纪大道100号环球金融中心"),
    ),
    (
        "买买提·吐尔逊 13999999999 新疆维吾尔自治区喀什地区喀什市人民东路1号",
        ("买买提·吐尔逊", "13999999999", "新疆维吾尔自治区", "喀什地区", "喀什市", "",
         "人民东路1号"),
    ),
    (
        "John Smith 13800138000 上海市静安区南京西路1266号",
        ("John Smith", "13800138000", "上海市", "上海市", "静安区", "", "南京西路1266号"),
    ),
    (
        "陈生 +852 9123 4567 香港九龙油尖旺区弥敦道1号",
        ("陈生", "+85291234567", "香港特别行政区", "香港特别行政区", "油尖旺区", "", "弥敦道1号"),
    ),
    (
        "小明（同事） 13800138000 广东省东莞市虎门镇人民路1号",
        ("小明（同事）", "13800138000", "广东省", "东莞市", "", "虎门镇", "人民路1号"),
    ),
    (
        "收件人：张三 ，13800138000，浙江省杭州市余杭区 文一西路 969号 海创园5号楼 （前台）",
        (*ZHANG[:6], "文一西路 969号 海创园5号楼 （前台）"),
    ),
    ("收件人：吉林 电话：0432-62345678 地址：吉林省吉林市昌邑区解放大路1号",
     ("吉林", "0432-62345678", "吉林省", "吉林市", "昌邑区", "", "解放大路1号")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CERTAIN)
def test_a_block_is_read_into_its_parts(text: str, expected: tuple[str, ...]) -> None:
    assert parts(split_pasted(text)) == expected


DOUBTFUL: list[tuple[str, dict[str, object], set[Doubt]]] = [
    (
        "张三 13800138000 朝阳区建国路88号",
        {"province": "", "detail": "朝阳区建国路88号",
         "places": ("北京市 北京市 朝阳区", "吉林省 长春市 朝阳区")},
        {Doubt.WHICH_PLACE},
    ),
    (
        "张三 13800138000 江苏省鼓楼区中山路1号",
        {"city": "", "places": ("江苏省 南京市 鼓楼区", "江苏省 徐州市 鼓楼区")},
        {Doubt.WHICH_PLACE},
    ),
    (
        "张三 13800138000 杭州西湖文化广场29号",
        {"city": "杭州市", "district": "", "places": ("浙江省 杭州市 西湖区",)},
        {Doubt.HINTED_PLACE},
    ),
    (
        "张三 13800138000 浙江省杭州市文一西路969号",
        {"city": "杭州市", "district": "", "places": ()},
        {Doubt.NO_DISTRICT},
    ),
    (
        "张三 13800138000 文一西路969号",
        {"province": "", "detail": "文一西路969号"},
        {Doubt.NO_PLACE},
    ),
    (
        "张三 13800138000 浙江省上海市浦东新区世纪大道1号",
        {"province": "", "places": ("上海市 上海市 浦东新区",)},
        {Doubt.WHICH_PLACE},
    ),
    (
        f"阿里巴巴 张三 13800138000 {STREET}",
        {"name": "张三", "province": "",
         "places": ("西藏自治区 阿里地区", "浙江省 杭州市 余杭区")},
        {Doubt.WHICH_PLACE},
    ),
    (
        f"张三 13800138000 {STREET} 上海市浦东新区世纪大道1号",
        {"province": "", "places": ("浙江省 杭州市 余杭区", "上海市 上海市 浦东新区")},
        {Doubt.WHICH_PLACE},
    ),
    (
        f"某某科技有限公司 张三 13800138000 {STREET}",
        {"name": "张三", "district": "余杭区", "detail": "文一西路969号 某某科技有限公司",
         "moved": "某某科技有限公司"},
        {Doubt.MOVED},
    ),
    (
        f"张三 13800138000 13900139000 {STREET}",
        {"phone": "", "phones": ("13800138000", "13900139000")},
        {Doubt.WHICH_PHONE},
    ),
    (
        f"张三 138****8000 {STREET}",
        {"phone": "", "left_out": ("138****8000",)},
        {Doubt.MASKED_PHONE, Doubt.LEFT_OUT},
    ),
    (f"张三 {STREET}", {"phone": ""}, {Doubt.NO_PHONE}),
    (f"13800138000 {STREET}", {"name": ""}, {Doubt.NO_NAME}),
    (
        f"{STREET} 海创园 13800138000",
        {"name": "", "detail": "文一西路969号 海创园"},
        {Doubt.NO_NAME},
    ),
    (
        f"张三 李四 13800138000 {STREET}",
        {"name": "", "names": ("张三", "李四"), "district": "余杭区",
         "detail": "文一西路969号 张三 李四"},
        {Doubt.WHICH_NAME},
    ),
    (
        "安宁 13800138000 云南省昆明市安宁市金方路1号",
        {"name": "", "names": ("安宁",), "district": "安宁市"},
        {Doubt.WHICH_NAME, Doubt.MOVED},
    ),
    (
        f"{STREET}张三13800138000",
        {"name": "", "names": ("张三",), "detail": "文一西路969号张三"},
        {Doubt.WHICH_NAME},
    ),
    (
        f"张三，13800138000，{STREET}，311100",
        {"detail": "文一西路969号", "left_out": ("311100",)},
        {Doubt.LEFT_OUT},
    ),
    (
        f"收货人：张三 13800138000 地址：{STREET}\n邮编：311100\n备注：放门口",
        {"detail": "文一西路969号", "left_out": ("311100", "放门口")},
        {Doubt.LEFT_OUT},
    ),
    (
        f"订单号：12345678901234567 收件人：张三 13800138000 {STREET}",
        {"phone": "13800138000", "left_out": ("12345678901234567",)},
        {Doubt.LEFT_OUT},
    ),
    (
        f"寄件人：李四 13900139000 上海市浦东新区世纪大道1号\n收件人：张三 13800138000 {STREET}",
        {"name": "张三", "phone": "13800138000", "city": "杭州市"},
        {Doubt.OTHER_SIDE},
    ),
    (
        f"<script>alert(1)</script> 13800138000 {STREET}",
        {"name": "", "moved": "<script>alert(1)</script>"},
        {Doubt.NO_NAME, Doubt.MOVED},
    ),
    (
        f"张三 13800138000 {STREET} {'很长' * 900}",
        {"name": "张三", "city": "杭州市"},
        {Doubt.TOO_LONG},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "doubts"), DOUBTFUL)
def test_what_is_not_certain_is_offered_or_said(
    text: str, expected: dict[str, object], doubts: set[Doubt]
) -> None:
    pasted = split_pasted(text)
    assert {name: getattr(pasted, name) for name in expected} == expected
    assert set(pasted.doubts) == doubts


def test_of_both_sides_the_one_asked_for_is_read() -> None:
    text = f"寄件人：李四 13900139000 上海市浦东新区世纪大道1号\n收件人：张三 13800138000 {STREET}"
    sent = split_pasted(text, sender=True)
    assert parts(sent) == (
        "李四", "13900139000", "上海市", "上海市", "浦东新区", "", "世纪大道1号",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "chosen", "expected"),
    [
        (
            "张三 13800138000 朝阳区建国路88号",
            Chosen(place="北京市 北京市 朝阳区"),
            ("张三", "13800138000", "北京市", "北京市", "朝阳区", "", "建国路88号"),
        ),
        (
            "张三 13800138000 杭州西湖文化广场29号",
            Chosen(place="浙江省 杭州市 西湖区"),
            ("张三", "13800138000", "浙江省", "杭州市", "西湖区", "", "西湖文化广场29号"),
        ),
        (
            "张三 13800138000 重庆市观音桥街道1号",
            Chosen(place="重庆市 重庆市 江北区 观音桥街道"),
            ("张三", "13800138000", "重庆市", "重庆市", "江北区", "观音桥街道", "1号"),
        ),
        (
            f"阿里巴巴 张三 13800138000 {STREET}",
            Chosen(place="浙江省 杭州市 余杭区"),
            (*ZHANG[:6], "文一西路969号 阿里巴巴"),
        ),
        (f"{STREET}张三13800138000", Chosen(name="张三"), ZHANG),
        (
            f"张三 李四 13800138000 {STREET}",
            Chosen(name="李四"),
            ("李四", *ZHANG[1:6], "文一西路969号 张三"),
        ),
        (f"张三 13900139000 13800138000 {STREET}", Chosen(phone="13800138000"), ZHANG),
        (
            f"张三 13800138000 {STREET}",
            Chosen(name="李四", phone="13900139000", place="上海市 上海市 浦东新区"),
            ZHANG,
        ),
    ],
)
def test_only_what_was_offered_can_be_chosen(
    text: str, chosen: Chosen, expected: tuple[str, ...]
) -> None:
    assert parts(split_pasted(text, chosen=chosen)) == expected


def test_an_empty_block_says_nothing_and_doubts_nothing() -> None:
    for text in ("", "  \n", "\u200b", "\x00\ud800"):
        assert split_pasted(text) == Pasted()


NAMES = [
    division.name
    for province in provinces()
    for city in (province, *province.children)
    for division in (city, *city.children)
]
BITS = [
    "张三", "李四", "13800138000", " ", "\n", "，", ",", "收件人：", "电话", "地址:",
    "0571-88886666", "969号", "路", "浙江", "杭州", "余杭", "海南", "吉林", "\x1f", "\ud800",
    "\u202d", "【", "】", "(", ")", "310000", "备注：", "寄件人", "收货人", "-", "转", "*", "<b>",
    "市", "区", "县", "\x00", "é",
]  # fmt: skip
BLOCKS = st.text(max_size=80) | st.lists(
    st.sampled_from(BITS) | st.sampled_from(NAMES), max_size=25
).map("".join)


@settings(max_examples=400)
@given(BLOCKS, st.booleans())
def test_any_text_is_read_without_a_failure_and_no_division_is_invented(
    text: str,
    sender: bool,
) -> None:
    pasted = split_pasted(text, sender=sender)
    assert bool(pasted.province) == bool(pasted.city)
    if pasted.province:
        assert is_known(pasted.province, pasted.city, pasted.district)
        written = fold(text).replace(" ", "")
        deepest = pasted.town or pasted.district or pasted.city
        names = ways_to_write(deepest)
        assert any(name in "".join(c for c in written if c.isprintable()) for name in names)
    for place in pasted.places:
        again = split_pasted(text, sender=sender, chosen=Chosen(place=place))
        levels = " ".join(filter(None, (again.province, again.city, again.district, again.town)))
        assert f"{levels} ".startswith(f"{place} ") or f"{place} ".startswith(f"{levels} ")
    for name in pasted.names:
        assert split_pasted(text, sender=sender, chosen=Chosen(name=name)).name == name
    for phone in pasted.phones:
        assert split_pasted(text, sender=sender, chosen=Chosen(phone=phone)).phone == phone


def ways_to_write(name: str) -> set[str]:
    """The name, and what of it may stand for it: two characters at the least."""
    known = index()
    found = {name, name[:2]}
    for division in known.named(name):
        if division.level is not Level.TOWN:
            found |= {*known.names(division).full, *known.names(division).short}
    return found


def test_a_pasted_novel_is_read_as_fast_as_a_block() -> None:
    split_pasted(STREET)
    for text in ("浙江省，" * 5_000, "张三 " * 5_000, "1" * 50_000, "张三浙江省上海市" * 2_000):
        start = perf_counter()
        split_pasted(text)
        assert perf_counter() - start < 5
