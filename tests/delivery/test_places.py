"""Places as people write them: what a city's riders need to read."""

from __future__ import annotations

import pytest

from delivery.places import within_city


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
    ],
)
def test_an_address_is_read_without_province_and_city(address: str, read: str) -> None:
    assert within_city(address) == read
