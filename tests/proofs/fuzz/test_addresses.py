"""Address texts and phones of any kind are read or refused by type, at once; nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics import phones
from logistics.divisions import Ambiguous, Parsed, Unparsable, complete, is_known, parse
from logistics.divisions.table import provinces
from tests.proofs.fuzz.budget import examples

pytestmark = pytest.mark.timeout(900)
SLOWEST = 2.0


def everything() -> list[tuple[str, ...]]:
    """The names on the way down to every district."""
    return [
        tuple(dict.fromkeys(above.name for above in district.path))
        for province in provinces()
        for city in province.children
        for district in (city, *city.children)
    ]


PATHS = everything()
names = st.sampled_from(PATHS).flatmap(st.sampled_from)
shorts = names.map(lambda name: name[:2])
between = st.sampled_from(
    ["", "", " ", "，", "\u3000", "-", "/", "\u200b", "。", "\t\n", "中国", "市辖区"]
)
rest = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["路1号", "西湖文化广场", "⽂一路", "1号楼", "镇", "ﷺ", "\ud800"]),
)
pieces = st.lists(st.tuples(st.one_of(names, names, shorts, rest), between), max_size=9)
addresses = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(PATHS).map("".join) | st.just(""),
    between,
    pieces.map(lambda given_: "".join(piece + gap for piece, gap in given_)),
    rest,
)


def in_time(action: Callable[..., Any], *arguments: Any) -> Any:
    began = time.perf_counter()
    try:
        return action(*arguments)
    except (Ambiguous, Unparsable) as refusal:
        return refusal
    finally:
        took = time.perf_counter() - began
        assert took < SLOWEST, f"{took:.1f} s for {arguments!r:.200}"


def nests(found: Parsed) -> None:
    """Official names that stand one below the other, and that complete to themselves."""
    assert is_known(str(found.province), str(found.city), found.district)
    again = complete(found.province, found.city, found.district)
    levels = (again.province, again.city, again.district)
    assert levels == (found.province, found.city, found.district)


def test_a_text_becomes_nested_official_names_and_the_rest_as_it_was_written() -> None:
    parse("浙江省杭州市")  # the table is loaded on first use
    heard = Counter[str]()

    @examples(2000)
    @given(addresses)
    def reading(text: str) -> None:
        found = in_time(parse, text)
        heard[type(found).__name__] += 1
        if isinstance(found, Parsed):
            nests(found)
            assert text.strip().endswith(found.detail)
            assert found.detail == found.detail.strip()
            assert parse(text) == found
            official = "".join(
                level for level in (found.province, found.city, found.district) if level
            )
            whole = in_time(parse, official)
            assert (whole.province, whole.city) == (found.province, found.city)
        elif isinstance(found, Ambiguous):
            assert len(found.candidates) > 1
            assert found.text == text

    reading()
    print(dict(heard))
    assert min(heard[name] for name in ("Parsed", "Unparsable")) > 100, heard


def test_long_texts_cost_no_more_than_short_ones() -> None:
    @examples(400)
    @given(st.lists(st.one_of(names, shorts, rest, between), min_size=1, max_size=4))
    def reading(words: list[str]) -> None:
        unit = "".join(words) or " "
        text = (unit * (10_000 // len(unit) + 1))[:10_000]
        in_time(parse, text)
        in_time(complete, text, text, text)
        for of_a_phone in (phones.is_phone, phones.search_form, phones.squeeze):
            in_time(of_a_phone, text)

    reading()


def test_fields_complete_to_official_names_or_are_refused_by_type() -> None:
    some = st.one_of(st.none(), names, names, shorts, rest, st.sampled_from(["市辖区", "县", ""]))

    @examples(2000)
    @given(some, some, some)
    def completing(province: str | None, city: str | None, district: str | None) -> None:
        found = in_time(complete, province, city, district)
        if isinstance(found, Parsed):
            nests(found)
            assert found.detail == ""

    completing()


def test_every_division_of_the_table_is_read_from_its_own_names() -> None:
    for path in islice(PATHS, None):
        found = complete(*_fields(path))
        assert found.province == path[0]
        read = parse("".join(path) + "文一路1号")
        assert (read.province, read.city) == (found.province, found.city), path
        assert read.detail.endswith("1号")


def _fields(path: tuple[str, ...]) -> tuple[str, str | None, str | None]:
    province, *below = path
    if len(below) == 2:
        return province, below[0], below[1]
    return province, below[0] if below else None, None


digits = st.text("0123456789", min_size=1, max_size=14)
odd = st.text("0123456789-+ ()（）转,#.ext０１２⑴⓪\u3000\u200b٣", max_size=30)


@pytest.mark.parametrize("letters", [digits, odd, st.text(max_size=60)])
def test_a_phone_is_known_or_not_and_is_searched_by_its_digits(letters: Any) -> None:
    @examples(1500)
    @given(letters)
    def ringing(text: str) -> None:
        known = in_time(phones.is_phone, text)
        form = in_time(phones.search_form, text)
        assert all(character in "0123456789" for character in form)
        if known:
            assert 5 <= len(form) <= 17, (text, form)
            assert phones.squeeze(phones.squeeze(text)) == phones.squeeze(text)
            assert phones.search_form(form) == form
            assert phones.is_phone(phones.squeeze(text))

    ringing()


@pytest.mark.parametrize("dressing", ["{}", "+86{}", "0086-{}", "86{}", "{}转1", "{},22", " ({}) "])
def test_one_mobile_is_found_however_it_was_written(dressing: str) -> None:
    @examples(100)
    @given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
    def searching(number: str) -> None:
        written = dressing.format(number)
        assert phones.is_phone(written)
        assert phones.search_form(written) == number

    searching()
