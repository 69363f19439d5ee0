"""An address is read as official divisions or refused with its reason, and never guessed."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.divisions import Ambiguous, Parsed, Unparsable, complete, is_known, parse
from logistics.divisions.regenerate import table
from logistics.divisions.table import Division, provinces

Place = tuple[str, str, str | None, str | None]

CITIES = [city for province in provinces() for city in province.children]
DISTRICTS = [district for city in CITIES for district in city.children]
PLACES = [*DISTRICTS, *(city for city in CITIES if not city.children)]

HANGZHOU: Place = ("浙江省", "杭州市", None, None)
YUHANG: Place = ("浙江省", "杭州市", "余杭区", None)
CHAOYANG: Place = ("北京市", "北京市", "朝阳区", None)
BEIJING: Place = ("北京市", "北京市", None, None)
SHANGHAI: Place = ("上海市", "上海市", None, None)

ADDRESSES: list[tuple[str, Place, str]] = [
    # Full names
    ("浙江省杭州市余杭区文一西路969号", YUHANG, "文一西路969号"),
    (
        "浙江省杭州市余杭区五常街道文一西路969号",
        ("浙江省", "杭州市", "余杭区", "五常街道"),
        "文一西路969号",
    ),
    (
        "四川省成都市双流区东升街道藏卫路",
        ("四川省", "成都市", "双流区", "东升街道"),
        "藏卫路",
    ),
    ("浙江省台州市路桥区路桥大道1号", ("浙江省", "台州市", "路桥区", None), "路桥大道1号"),
    ("湖南省永州市道县道州北路1号", ("湖南省", "永州市", "道县", None), "道州北路1号"),
    ("云南省德宏州芒市团结大街", ("云南省", "德宏傣族景颇族自治州", "芒市", None), "团结大街"),
    # Without the province, or with the district alone
    ("杭州市余杭区文一西路969号", YUHANG, "文一西路969号"),
    ("余杭区文一西路969号", YUHANG, "文一西路969号"),
    ("余杭区\uff0c文一西路969号", YUHANG, "文一西路969号"),
    ("浙江省余杭区文一西路969号", YUHANG, "文一西路969号"),
    ("义乌市稠州北路", ("浙江省", "金华市", "义乌市", None), "稠州北路"),
    ("杭州市翠苑街道文三路", ("浙江省", "杭州市", "西湖区", "翠苑街道"), "文三路"),
    ("朝阳区三里屯街道工体北路", ("北京市", "北京市", "朝阳区", "三里屯街道"), "工体北路"),
    # Without suffixes
    ("浙江杭州余杭文一西路969号", YUHANG, "文一西路969号"),
    ("浙江杭州余杭", YUHANG, ""),
    ("杭州余杭区文一西路", YUHANG, "文一西路"),
    ("浙江义乌稠州北路", ("浙江省", "金华市", "义乌市", None), "稠州北路"),
    ("江苏昆山花桥镇绿地大道", ("江苏省", "苏州市", "昆山市", "花桥镇"), "绿地大道"),
    ("广东深圳南山粤海街道", ("广东省", "深圳市", "南山区", "粤海街道"), ""),
    ("西安雁塔区长安中路", ("陕西省", "西安市", "雁塔区", None), "长安中路"),
    ("西安碑林长安北路", ("陕西省", "西安市", "碑林区", None), "长安北路"),
    ("陕西西安高新四路", ("陕西省", "西安市", None, None), "高新四路"),
    ("哈尔滨道里区中央大街", ("黑龙江省", "哈尔滨市", "道里区", None), "中央大街"),
    ("石家庄桥西区维明街", ("河北省", "石家庄市", "桥西区", None), "维明街"),
    ("枣庄市中区文化路", ("山东省", "枣庄市", "市中区", None), "文化路"),
    ("青岛市南区香港中路", ("山东省", "青岛市", "市南区", None), "香港中路"),
    # Municipalities
    ("北京市朝阳区建国路88号", CHAOYANG, "建国路88号"),
    ("北京朝阳建国路88号", CHAOYANG, "建国路88号"),
    ("北京市北京市朝阳区建国路88号", CHAOYANG, "建国路88号"),
    ("北京市市辖区朝阳区建国路88号", CHAOYANG, "建国路88号"),
    ("北京北京市朝阳区", CHAOYANG, ""),
    ("北京市建国路88号", BEIJING, "建国路88号"),
    ("上海浦东新区世纪大道1号", ("上海市", "上海市", "浦东新区", None), "世纪大道1号"),
    ("天津滨海新区第一大街", ("天津市", "天津市", "滨海新区", None), "第一大街"),
    ("重庆市城口县葛城街道", ("重庆市", "重庆市", "城口县", "葛城街道"), ""),
    ("重庆市县城口县", ("重庆市", "重庆市", "城口县", None), ""),
    ("重庆市渝北区龙溪街道", ("重庆市", "重庆市", "渝北区", "龙溪街道"), ""),
    ("重庆石柱县", ("重庆市", "重庆市", "石柱土家族自治县", None), ""),
    # Cities without districts
    ("广东省东莞市虎门镇人民路", ("广东省", "东莞市", None, "虎门镇"), "人民路"),
    ("东莞市东城区东城中路", ("广东省", "东莞市", None, "东城街道"), "东城中路"),
    ("中山小榄镇民安路", ("广东省", "中山市", None, "小榄镇"), "民安路"),
    ("东莞市大岭山街道1号", ("广东省", "东莞市", None, "大岭山镇"), "1号"),
    ("新疆图木舒克市前海街道", ("新疆维吾尔自治区", "图木舒克市", None, "前海街道"), ""),
    ("中山市古镇镇中兴大道", ("广东省", "中山市", None, "古镇镇"), "中兴大道"),
    ("海南省儋州市那大镇", ("海南省", "儋州市", None, "那大镇"), ""),
    ("甘肃嘉峪关市新城镇", ("甘肃省", "嘉峪关市", None, "新城镇"), ""),
    # Counties administered by their province
    ("湖北省潜江市园林街道章华路", ("湖北省", "潜江市", None, "园林街道"), "章华路"),
    ("湖北省省直辖县级行政区划仙桃市", ("湖北省", "仙桃市", None, None), ""),
    ("河南济源沁园街道", ("河南省", "济源市", None, "沁园街道"), ""),
    ("新疆石河子市北四路", ("新疆维吾尔自治区", "石河子市", None, None), "北四路"),
    ("五指山市河北西路", ("海南省", "五指山市", None, None), "河北西路"),
    ("湖北神农架林区木鱼镇", ("湖北省", "神农架林区", None, "木鱼镇"), ""),
    # Autonomous regions, prefectures and counties
    ("内蒙古呼和浩特市新城区", ("内蒙古自治区", "呼和浩特市", "新城区", None), ""),
    ("内蒙呼市新城区", ("内蒙古自治区", "呼和浩特市", "新城区", None), ""),
    ("广西南宁青秀区民族大道", ("广西壮族自治区", "南宁市", "青秀区", None), "民族大道"),
    ("广西省桂林市龙胜县", ("广西壮族自治区", "桂林市", "龙胜各族自治县", None), ""),
    ("宁夏银川兴庆区", ("宁夏回族自治区", "银川市", "兴庆区", None), ""),
    ("西藏拉萨城关区", ("西藏自治区", "拉萨市", "城关区", None), ""),
    ("新疆喀什喀什市", ("新疆维吾尔自治区", "喀什地区", "喀什市", None), ""),
    ("恩施州巴东县", ("湖北省", "恩施土家族苗族自治州", "巴东县", None), ""),
    ("云南西双版纳景洪市", ("云南省", "西双版纳傣族自治州", "景洪市", None), ""),
    ("大理州大理市古城", ("云南省", "大理白族自治州", "大理市", None), "古城"),
    ("云南大理古城", ("云南省", "大理白族自治州", None, None), "古城"),
    ("红河州元阳县南沙镇", ("云南省", "红河哈尼族彝族自治州", "元阳县", "南沙镇"), ""),
    ("红河州红河县", ("云南省", "红河哈尼族彝族自治州", "红河县", None), ""),
    ("甘肃临夏东乡县", ("甘肃省", "临夏回族自治州", "东乡族自治县", None), ""),
    ("黑龙江大兴安岭加格达奇区", ("黑龙江省", "大兴安岭地区", "加格达奇区", None), ""),
    # Hong Kong, Macau, Taiwan
    (
        "香港九龙油尖旺区弥敦道1号",
        ("香港特别行政区", "香港特别行政区", "油尖旺区", None),
        "弥敦道1号",
    ),
    (
        "香港中环皇后大道中1号",
        ("香港特别行政区", "香港特别行政区", None, None),
        "中环皇后大道中1号",
    ),
    ("澳门大堂区", ("澳门特别行政区", "澳门特别行政区", "大堂区", None), ""),
    ("台湾省臺北市中山区", ("台湾省", "台北市", "中山区", None), ""),
    # Names that contain, or look like, others
    ("青海西宁城西区五四西路", ("青海省", "西宁市", "城西区", None), "五四西路"),
    ("海西州格尔木市", ("青海省", "海西蒙古族藏族自治州", "格尔木市", None), ""),
    ("海南共和县", ("青海省", "海南藏族自治州", "共和县", None), ""),
    ("海南三亚", ("海南省", "三亚市", None, None), ""),
    ("广西东兴市", ("广西壮族自治区", "防城港市", "东兴市", None), ""),
    ("四川内江东兴区", ("四川省", "内江市", "东兴区", None), ""),
    ("吉林长春朝阳区", ("吉林省", "长春市", "朝阳区", None), ""),
    ("吉林市昌邑区", ("吉林省", "吉林市", "昌邑区", None), ""),
    ("吉林吉林昌邑区", ("吉林省", "吉林市", "昌邑区", None), ""),
    ("朝阳双塔区", ("辽宁省", "朝阳市", "双塔区", None), ""),
    # Streets and landmarks named after places
    ("杭州市西湖区北京路1号", ("浙江省", "杭州市", "西湖区", None), "北京路1号"),
    ("上海市南京东路299号", SHANGHAI, "南京东路299号"),
    ("上海静安南京西路", ("上海市", "上海市", "静安区", None), "南京西路"),
    ("大连市中山区中山路", ("辽宁省", "大连市", "中山区", None), "中山路"),
    ("杭州市民中心", HANGZHOU, "市民中心"),
    ("南宁市民族大道", ("广西壮族自治区", "南宁市", None, None), "民族大道"),
    # Former names of what was upgraded as a whole
    ("江苏南通海门市解放路", ("江苏省", "南通市", "海门区", None), "解放路"),
    ("江苏省海门市解放路", ("江苏省", "南通市", "海门区", None), "解放路"),
    ("西安市长安县", ("陕西省", "西安市", "长安区", None), ""),
    # Repetitions
    ("浙江省浙江省杭州市", HANGZHOU, ""),
    ("浙江省杭州市杭州市余杭区", YUHANG, ""),
    ("浙江省杭州市余杭区浙江省杭州市余杭区文一西路", YUHANG, "文一西路"),
    ("浙江省杭州市余杭区 余杭区 文一西路", YUHANG, "文一西路"),
    ("杭州市余杭区余杭区政府", YUHANG, "余杭区政府"),
    (
        "杭州市西湖区杭州西湖国宾馆",
        ("浙江省", "杭州市", "西湖区", None),
        "杭州西湖国宾馆",
    ),
    ("杭州市余杭区杭州市第一人民医院", YUHANG, "杭州市第一人民医院"),
    # What stands between levels, and how characters are encoded
    (" 浙江省 杭州市\n余杭区\u3000文一西路969号 ", YUHANG, "文一西路969号"),
    ("浙江省/杭州市/余杭区/文一西路969号", YUHANG, "文一西路969号"),
    ("浙江省、杭州市、余杭区\uff1a文一西路969号", YUHANG, "文一西路969号"),
    ("中国浙江省杭州市余杭区#3-201", YUHANG, "#3-201"),
    ("浙江省杭州市余杭区 (后门)1号", YUHANG, "(后门)1号"),
    ("浙江\u200b省杭州市余杭区", YUHANG, ""),
    ("\u2ec4安市雁塔区\u2ed3安路", ("陕西省", "西安市", "雁塔区", None), "\u2ed3安路"),
    ("\u2ed3沙市岳麓区", ("湖南省", "长沙市", "岳麓区", None), ""),
    ("\u2fa7沙市岳麓区", ("湖南省", "长沙市", "岳麓区", None), ""),
    ("杭州市余杭区Ａ座　１２号", YUHANG, "Ａ座　１２号"),
]


def parent(division: Division) -> Division:
    assert division.parent is not None
    return division.parent


def place(parsed: Parsed) -> tuple[str | None, str | None, str | None, str | None]:
    return parsed.province, parsed.city, parsed.district, parsed.town


@pytest.mark.parametrize(("text", "expected", "detail"), ADDRESSES)
def test_an_address_is_read_as_official_names_and_keeps_the_rest_as_written(
    text: str, expected: Place, detail: str
) -> None:
    parsed = parse(text)
    assert place(parsed) == expected
    assert parsed.detail == detail
    assert parsed.candidates == ()


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("朝阳区建国路88号", ("北京市 北京市 朝阳区", "吉林省 长春市 朝阳区")),
        (
            "鼓楼区中山路1号",
            (
                "江苏省 南京市 鼓楼区",
                "江苏省 徐州市 鼓楼区",
                "福建省 福州市 鼓楼区",
                "河南省 开封市 鼓楼区",
            ),
        ),
        ("江苏省鼓楼区中山路1号", ("江苏省 南京市 鼓楼区", "江苏省 徐州市 鼓楼区")),
        ("城关区1号", ("西藏自治区 拉萨市 城关区", "甘肃省 兰州市 城关区")),
        ("新城区", ("内蒙古自治区 呼和浩特市 新城区", "陕西省 西安市 新城区")),
        ("西湖区文三路", ("浙江省 杭州市 西湖区", "江西省 南昌市 西湖区")),
        ("南山区科技园", ("黑龙江省 鹤岗市 南山区", "广东省 深圳市 南山区")),
        ("江北区观音桥", ("浙江省 宁波市 江北区", "重庆市 重庆市 江北区")),
        (
            "西安高新四路",
            ("陕西省 西安市", "吉林省 辽源市 西安区", "黑龙江省 牡丹江市 西安区"),
        ),
        ("海南人民路某村", ("海南省", "青海省 海南藏族自治州")),
    ],
)
def test_an_ambiguous_place_is_never_guessed(text: str, candidates: tuple[str, ...]) -> None:
    with pytest.raises(Ambiguous) as refusal:
        parse(text)
    assert set(refusal.value.candidates) >= set(candidates)
    assert refusal.value.text == text


def test_every_district_name_in_several_places_is_ambiguous_alone() -> None:
    named: dict[str, list[Division]] = {}
    for district in DISTRICTS:
        named.setdefault(district.name, []).append(district)
    repeated = {
        name: divisions
        for name, divisions in named.items()
        if len(divisions) > 1 and len(name) > 2 and not name.endswith("乡")
    }
    assert len(repeated) > 25
    for name, divisions in repeated.items():
        with pytest.raises(Ambiguous) as refusal:
            parse(f"{name}某路1号")
        assert set(refusal.value.candidates) >= {division.full_path for division in divisions}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "a",
        "文一西路969号",
        "浙江省",
        "浙江省文三路1号",
        "吉林省松江路",
        "北京路1号",
        "南京东路299号",
        "中山东路1号",
        "北京大学",
        "余杭文一西路969号",
        "南山科技园",
        "江苏鼓楼中山路",
        "矿区建设路",
        "宝山乡1号",
        "杭州市浦东新区世纪大道",
        "浙江省上海市浦东新区",
        "内江市东兴市",
    ],
)
def test_what_names_no_city_or_contradicts_itself_is_unparsable(text: str) -> None:
    with pytest.raises(Unparsable) as refusal:
        parse(text)
    assert refusal.value.text == text


@pytest.mark.parametrize(
    ("text", "city", "detail", "candidate"),
    [
        ("北京市朝阳门内大街", BEIJING, "朝阳门内大街", "北京市 北京市 朝阳区"),
        ("北京市朝阳北路1号", BEIJING, "朝阳北路1号", "北京市 北京市 朝阳区"),
        ("上海静安寺", SHANGHAI, "静安寺", "上海市 上海市 静安区"),
        ("上海静安新城", SHANGHAI, "静安新城", "上海市 上海市 静安区"),
        ("上海浦东大道", SHANGHAI, "浦东大道", "上海市 上海市 浦东新区"),
        ("杭州西湖文化广场", HANGZHOU, "西湖文化广场", "浙江省 杭州市 西湖区"),
        ("杭州市余杭塘路", HANGZHOU, "余杭塘路", "浙江省 杭州市 余杭区"),
        (
            "广州番禺大道",
            ("广东省", "广州市", None, None),
            "番禺大道",
            "广东省 广州市 番禺区",
        ),
        (
            "重庆市观音桥街道1号",
            ("重庆市", "重庆市", None, None),
            "观音桥街道1号",
            "重庆市 重庆市 江北区 观音桥街道",
        ),
    ],
)
def test_a_street_or_landmark_only_hints_at_the_district_it_is_named_after(
    text: str, city: Place, detail: str, candidate: str
) -> None:
    parsed = parse(text)
    assert place(parsed) == city
    assert parsed.detail == detail
    assert candidate in parsed.candidates


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("浙江", "杭州", "余杭"), YUHANG),
        (("浙江省", "杭州市", "余杭区"), YUHANG),
        (("", "杭州", "余杭"), YUHANG),
        ((None, None, "余杭区"), YUHANG),
        (("浙江省", None, "余杭区"), YUHANG),
        ((" 浙江省 ", "杭州市\n", "余杭区"), YUHANG),
        (("浙江", "杭州", None), HANGZHOU),
        (("北京", "市辖区", "朝阳"), CHAOYANG),
        (("北京市", "", "朝阳区"), CHAOYANG),
        (("北京市", "朝阳区", ""), CHAOYANG),
        (("北京", "", ""), BEIJING),
        (("重庆市", "县", "城口"), ("重庆市", "重庆市", "城口县", None)),
        (("广东省", "东莞市", "虎门镇"), ("广东省", "东莞市", None, "虎门镇")),
        (("广东", "东莞", "东莞市"), ("广东省", "东莞市", None, None)),
        (("广东", "中山", "东区"), ("广东省", "中山市", None, "东区街道")),
        (("湖北省", "省直辖县级行政区划", "潜江市"), ("湖北省", "潜江市", None, None)),
        (("湖北省", "潜江市", "潜江市"), ("湖北省", "潜江市", None, None)),
        (("湖北", "潜江", ""), ("湖北省", "潜江市", None, None)),
        (("浙江省", "义乌市", ""), ("浙江省", "金华市", "义乌市", None)),
        (("浙江省", "义乌市", "义乌市"), ("浙江省", "金华市", "义乌市", None)),
        (("江苏", "南通", "海门市"), ("江苏省", "南通市", "海门区", None)),
        (("新疆", "和田", "和田市"), ("新疆维吾尔自治区", "和田地区", "和田市", None)),
        (("新疆", "喀什", "喀什"), ("新疆维吾尔自治区", "喀什地区", "喀什市", None)),
        (("", "西安", "雁塔"), ("陕西省", "西安市", "雁塔区", None)),
        (("", "海南", "共和"), ("青海省", "海南藏族自治州", "共和县", None)),
        (("山西", "晋城", "城区"), ("山西省", "晋城市", "城区", None)),
        (("香港", "九龙", "油尖旺区"), ("香港特别行政区", "香港特别行政区", "油尖旺区", None)),
        (("台湾", "台北", "大安"), ("台湾省", "台北市", "大安区", None)),
    ],
)
def test_fields_are_completed_to_official_names(
    fields: tuple[str | None, str | None, str | None], expected: Place
) -> None:
    parsed = complete(*fields)
    assert place(parsed) == expected
    assert (parsed.detail, parsed.candidates) == ("", ())


@pytest.mark.parametrize(
    ("fields", "candidates"),
    [
        (("", "", "朝阳区"), {"北京市 北京市 朝阳区", "吉林省 长春市 朝阳区"}),
        (("江苏", "", "鼓楼区"), {"江苏省 南京市 鼓楼区", "江苏省 徐州市 鼓楼区"}),
        (("山西", "", "城区"), {"山西省 阳泉市 城区", "山西省 晋城市 城区"}),
        (
            ("新疆", "和田", "和田"),
            {"新疆维吾尔自治区 和田地区 和田市", "新疆维吾尔自治区 和田地区 和田县"},
        ),
        (("", "海南", ""), {"海南省", "青海省 海南藏族自治州"}),
    ],
)
def test_fields_that_fit_several_places_are_never_guessed(
    fields: tuple[str, str, str], candidates: set[str]
) -> None:
    with pytest.raises(Ambiguous) as refusal:
        complete(*fields)
    assert set(refusal.value.candidates) == candidates


@pytest.mark.parametrize(
    "fields",
    [
        ("浙江省", "杭州市", "浦东新区"),
        ("浙江省", "上海市", "浦东新区"),
        ("浙江省", "宁波市", "余杭区"),
        ("四川省", "内江市", "东兴市"),
        ("某省", "杭州市", "余杭区"),
        ("浙江省", "某市", "余杭区"),
        ("浙江省", "", ""),
        ("广东", "", "南山"),
        ("", "", "余杭"),
        ("", "", ""),
        (None, None, None),
    ],
)
def test_fields_that_contradict_or_do_not_suffice_are_unparsable(
    fields: tuple[str | None, str | None, str | None],
) -> None:
    with pytest.raises(Unparsable):
        complete(*fields)


def test_only_official_names_that_nest_are_known() -> None:
    assert is_known("浙江省", "杭州市", "余杭区")
    assert is_known("浙江省", "杭州市", None)
    assert is_known("北京市", "北京市", "朝阳区")
    assert is_known("湖北省", "潜江市", None)
    assert not is_known("浙江省", "杭州市", "余杭")
    assert not is_known("浙江", "杭州市", "余杭区")
    assert not is_known("浙江省", "宁波市", "余杭区")
    assert not is_known("湖北省", "潜江市", "潜江市")


@settings(deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(["", " ", "\uff0c", "\n"]))
def test_every_full_path_is_read_back(division: Division, between: str) -> None:
    names = [above.name for above in division.path]
    parsed = parse(between.join([*names, "某路1号"]))
    assert [parsed.province, parsed.city, parsed.district][: len(names)] == names
    assert (parsed.town, parsed.detail, parsed.candidates) == (None, "某路1号", ())


def test_every_district_of_the_table_is_read_back_and_known() -> None:
    for division in PLACES:
        province, city, *rest = (above.name for above in division.path)
        district = rest[0] if rest else None
        expected = Parsed(province, city, district, None, "某路1号")
        assert parse(f"{''.join(division.full_path.split())}某路1号") == expected
        assert place(complete(province, city, district)) == (province, city, district, None)
        assert is_known(province, city, district)


@pytest.mark.parametrize("street", ["人民路1号", "中山东路1号", "文化路", "解放大道"])
def test_a_street_is_never_taken_for_a_district_in_any_city(street: str) -> None:
    for city in CITIES:
        parsed = parse(f"{parent(city).name}{city.name}{street}")
        assert place(parsed) == (parent(city).name, city.name, None, None)
        assert parsed.detail == street


def test_every_town_is_read_back_below_its_district() -> None:
    for division in PLACES:
        path = division.full_path.replace(" ", "")
        for town in division.towns():
            parsed = parse(f"{path}{town.name}88号")
            assert (parsed.town, parsed.detail) == (town.name, "88号"), town.full_path


@settings(deadline=None)
@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [*(d.name for d in CITIES[:60]), "北京", "吉林", "海南", "县", " ", "路", "市"]
        )
    ).map("".join)
)
def test_arbitrary_text_raises_nothing_but_the_two_refusals(text: str) -> None:
    try:
        parsed = parse(text)
    except (Ambiguous, Unparsable):
        return
    assert parsed.province is not None
    assert parsed.city is not None
    assert text.strip().endswith(parsed.detail)


@settings(deadline=None)
@given(st.text() | st.none(), st.text() | st.none(), st.text() | st.none())
def test_arbitrary_fields_raise_nothing_but_the_two_refusals(
    province: str | None, city: str | None, district: str | None
) -> None:
    try:
        parsed = complete(province, city, district)
    except (Ambiguous, Unparsable):
        return
    assert parsed.city is not None


@pytest.mark.parametrize("refused", ["朝阳区建国路88号", "建国路88号"])
def test_a_refusal_carries_its_data_through_pickling_but_no_address_in_its_message(
    refused: str,
) -> None:
    with pytest.raises(ValueError, match="fit") as refusal:
        parse(refused)
    error = refusal.value
    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == vars(error)
    assert refused not in str(error)
    assert refused not in repr(error)


def test_first_use_loads_the_table_in_less_than_a_third_of_a_second() -> None:
    program = """
from time import perf_counter as now
start = now()
from logistics.divisions import parse
parse("浙江省杭州市余杭区")
print(now() - start)
"""
    measured = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert float(measured.stdout) < 0.3


def test_an_address_takes_well_below_a_millisecond() -> None:
    texts = [text for text, _, _ in ADDRESSES]
    for text in texts:
        parse(text)
    start = perf_counter()
    for text in texts:
        parse(text)
    assert (perf_counter() - start) / len(texts) < 0.001


def test_a_pasted_novel_is_read_as_fast_as_an_address() -> None:
    parse("浙江省杭州市")
    for text in ("吉林" * 500_000, "浙江省杭州市" * 200_000, "浙江省" + " " * 1_000_000):
        start = perf_counter()
        with suppress(ValueError):
            parse(text)
        assert perf_counter() - start < 1


def test_threads_share_one_table() -> None:
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(lambda _: provinces(), range(32)))
    assert all(table is tables[0] for table in tables)


def test_the_table_is_complete() -> None:
    assert len(provinces()) == 34
    assert len(CITIES) == 391
    assert len(DISTRICTS) == 3202
    assert sum(1 for division in (*CITIES, *DISTRICTS) for _ in division.towns()) > 38_700
    codes = [division.code for division in (*CITIES, *DISTRICTS) if division.code]
    assert len(codes) == len(set(codes))


def test_the_table_is_made_from_its_two_sources(tmp_path: Path) -> None:
    official = tmp_path / "divisions.json"
    records = [
        [1, "420000", "", "湖北省"],
        [3, "429005", "420000", "潜江市"],
        [4, "429005001", "429005", "园林街道"],
        [1, "500000", "", "重庆市"],
        [3, "500157", "500000", "两江新区"],
        [1, "810000", "", "香港特别行政区"],
    ]
    official.write_text(json.dumps({"divisions": records}), encoding="utf-8")
    (tmp_path / "areas.csv").write_text(
        'code,name,cityCode,provinceCode\n500105,"江北区",5001,50\n500171,"某开发区",5001,50\n',
        encoding="utf-8",
    )
    (tmp_path / "streets.csv").write_text(
        'code,name,areaCode,provinceCode,cityCode\n500105001,"华新街街道",500105,50,5001\n',
        encoding="utf-8",
    )
    islands = {
        "香港特别行政区": {"新界": ["北区\uff08新界\uff09"]},
        "台湾省": {"台北市": ["大安区"]},
    }
    (tmp_path / "HK-MO-TW.json").write_text(json.dumps(islands), encoding="utf-8")

    assert table(official, tmp_path).splitlines() == [
        "1\t420000\t湖北省\t",
        "2\t429005\t潜江市\t园林街道",
        "1\t500000\t重庆市\t",
        "2\t500000\t重庆市\t",
        "3\t500105\t江北区\t华新街街道",
        "3\t500157\t两江新区\t",
        "1\t710000\t台湾省\t",
        "2\t\t台北市\t",
        "3\t\t大安区\t",
        "1\t810000\t香港特别行政区\t",
        "2\t810000\t香港特别行政区\t",
        "3\t\t北区\t",
    ]
