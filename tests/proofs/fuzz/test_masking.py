"""No phone and no secret comes out of the masking, whatever stands around it, and none is late."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.kernel.masking import (
    MaskingFilter,
    mask_address,
    mask_body,
    mask_fields,
    mask_name,
    mask_phone,
    mask_text,
    mask_url,
)
from config.kernel.masking.keys import Kind, kind_of
from tests.proofs.fuzz.budget import examples
from tests.proofs.fuzz.contents import values

pytestmark = pytest.mark.timeout(900)
SLOWEST = 2.0
ON_TEXT: tuple[Callable[[str], Any], ...] = (
    mask_text, mask_phone, mask_name, mask_address, mask_url, mask_fields,
)  # fmt: skip
# What the expressions look for, so that texts are made of near misses.
SHARDS = (
    "138", "0013", "8000", "13800138000", "+86", "0571-", "88886666", "name", "phone", "token",
    "收件人", "地址", "手机", ":", "：", "=", "=>", '"', "'", "\\", '\\"', "{", "}", "[", "]",
    "<", ">", "</", "<phone>", "<![CDATA[", "]]>", "://", "http", "?", "&", "a=", "@", ".", "-",
    "_", "/", "%41", "eyJ", "Bearer ", "sk_", "-----BEGIN PRIVATE KEY-----", "***", "138****8000",
    "No", "id", "\n", "\u00a0", "，", "(", ")", "张三", "浙江省", "x", "1", "null", ",", ";", " ",
    "ext", "转",
)  # fmt: skip
shards = st.lists(st.sampled_from(SHARDS), max_size=14).map("".join)
texts = st.one_of(shards, st.text(max_size=60), st.builds("{}{}".format, shards, st.text()))


def in_time(action: Callable[..., Any], *arguments: Any) -> Any:
    began = time.perf_counter()
    result = action(*arguments)
    took = time.perf_counter() - began
    assert took < SLOWEST, f"{took:.1f} s for {arguments!r:.200}"
    return result


@pytest.mark.parametrize("mask", ON_TEXT)
def test_masking_twice_is_masking_once(mask: Callable[[str], Any]) -> None:
    @examples(2000)
    @given(texts)
    def masking(text: str) -> None:
        once = in_time(mask, text)
        assert mask(once) == once

    masking()


@pytest.mark.parametrize("mask", ON_TEXT)
def test_a_quarter_of_a_megabyte_of_anything_is_masked_in_time(mask: Callable[[str], Any]) -> None:
    @examples(60)
    @given(st.lists(st.sampled_from(SHARDS), min_size=1, max_size=3), st.sampled_from(SHARDS))
    def masking(words: list[str], end: str) -> None:
        unit = "".join(words)
        in_time(mask, unit * (262_144 // len(unit)) + end)

    masking()


def test_any_bytes_have_a_masked_text() -> None:
    kinds = ["", "application/json", "application/x-www-form-urlencoded", "text/xml; charset=gbk"]
    raw = st.one_of(
        st.binary(max_size=80), texts.map(lambda text: text.encode("utf-8", "replace")),
        texts.map(lambda text: text.encode("gbk", "replace")),
        values.map(lambda value: json.dumps(value).encode()),
    )  # fmt: skip

    @examples(1500)
    @given(raw, st.sampled_from(kinds))
    def masking(body: bytes, kind: str) -> None:
        assert isinstance(in_time(lambda: mask_body(body, content_type=kind)), str)

    masking()


def test_any_value_has_a_masked_copy_that_masks_to_itself() -> None:
    @examples(1000)
    @given(values | st.dictionaries(texts, values) | st.dictionaries(shards, texts))
    def masking(value: Any) -> None:
        once = in_time(mask_fields, value)
        assert repr(mask_fields(once)) == repr(once)

    masking()


IDENTIFIED = re.compile(r"(\w[\w.-]*)\]?\\*[\"']?\s*(?:=>|[:=：＝])\s*\\*[\"']?[A-Za-z\d_.-]*$")


def names_a_number(before: str) -> bool:
    """Whether what stands before says that an identifier follows, which masking keeps."""
    found = IDENTIFIED.search(before)
    return found is not None and kind_of(found[1]) is Kind.IDENTIFIER


@pytest.mark.parametrize(
    "phone", ["13800138000", "138-0013-8000", "+8613800138000", "138 0013 8000"]
)
def test_a_phone_inside_any_text_never_comes_out(phone: str) -> None:
    @examples(3000)
    @given(texts, texts)
    def masking(before: str, after: str) -> None:
        # Digits beside it would make it another number, and a number that is named is kept.
        assume(not re.search(r"\d[.]?$", before) and not re.match(r"\d", after))
        assume(not names_a_number(before))
        # With blanks in it a phone must be a word: the end of an address would take its first part.
        text = before + (" " if " " in phone else "") + phone + after
        # Told apart from what the surroundings hold by themselves.
        assume(phone not in before and phone not in after)
        assert phone not in in_time(mask_text, text), text
        assert phone not in json.dumps(mask_fields({"desc": text}), ensure_ascii=False)

    masking()


SECRETS = ("p4ssw0rd-Xy9", "hunter2hunter2", "MDEyMzQ1Njc4OWFiY2RlZg")
WAYS = (
    '"app_secret": "{}"', "password={}", "'token': '{}'", "Authorization: Bearer {}", "密码：{}",
    "<app_secret>{}</app_secret>", "api_key => {}", "?sign={}", "https://u:{}@h.cn/", "sk_{}",
    '{{"x": "{{\\"secretKey\\": \\"{}\\"}}"}}', "Cookie: sessionid={}", "验证码: {}",
    "x?data_digest={}",
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_named_secret_inside_any_text_never_comes_out(way: str) -> None:
    # What is not open: an unclosed quote or tag before it decides for itself where it ends.
    around = st.text("张三到了，。 \n\t|", max_size=30)

    @examples(400)
    @given(around, around, st.sampled_from(SECRETS))
    def masking(before: str, after: str, secret: str) -> None:
        text = f"{before} {way.format(secret)} {after}"
        assert secret not in in_time(mask_text, text)
        assert secret not in json.dumps(mask_fields([text]), ensure_ascii=False)

    masking()


def test_the_logs_filter_takes_any_record() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    arguments = st.one_of(
        st.none(), st.tuples(values), st.tuples(values, values), st.dictionaries(texts, values),
        st.just((Broken(),)),
    )  # fmt: skip
    formats = st.one_of(texts, st.sampled_from(["%s", "%d", "%s %s", "%(name)s", "%", "%5"]))

    @examples(1500)
    @given(formats, arguments)
    def logging_(message: str, given_: Any) -> None:
        record = logging.LogRecord("x", logging.INFO, "f", 1, message, None, None)
        record.args = given_
        assert in_time(MaskingFilter().filter, record)
        assert isinstance(record.getMessage(), str)

    logging_()
