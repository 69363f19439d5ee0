"""Places as people write them: what a city's riders need to read."""

from __future__ import annotations

import pytest

from delivery.places import areas_of, within_city


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("浙江省杭州市余杭区文一西路969号", "余杭区文一西路969号"),
        ("杭州市余杭区文一西路969号", "余杭区文一西路969号"),
        ("广西壮族自治区南宁市青秀区民族大道1号", "青秀区民族大道1号"),
        ("上海市浦东新区世纪大道1号", "浦东新区世纪大道1号"),
        ("余杭区文一西路969号", "余杭区文一西路969号"),
        ("文一西路市民中心", "文一西路市民中心"),
        ("杭州市", "杭州市"),
        ("杭州市世纪联华超市", "世纪联华超市"),
        ("世纪联华超市门口", "世纪联华超市门口"),
    ],
)
def test_an_address_is_read_without_province_and_city(address: str, read: str) -> None:
    assert within_city(address) == read


@pytest.mark.parametrize(
    ("address", "areas"),
    [
        ("浙江省杭州市余杭区文一西路969号", ["浙江省", "杭州市", "余杭区"]),
        (" 浙江省 杭州市 余杭区 文一西路", ["浙江省", "杭州市", "余杭区"]),
        ("杭州市建德市新安路1号", ["杭州市", "建德市"]),
        ("上海市浦东新区世纪大道1号", ["上海市", "浦东新区"]),
        ("桐庐县迎春南路1号", ["桐庐县"]),
        ("迎春南路1号", []),
        ("阳光小区3幢502", []),
        ("阿里巴巴西溪园区前台", []),
        ("世纪联华超市门口3号", []),
        ("", []),
    ],
)
def test_the_areas_an_address_begins_with_are_no_house(address: str, areas: list[str]) -> None:
    assert areas_of(address) == areas
