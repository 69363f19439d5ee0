"""What Cainiao tells us: verified on its bytes, read without a guess, named once."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logistics.carriers.cainiao import events, statuses
from logistics.carriers.cainiao.profile import Profile
from logistics.states import OrderStatus

RECORDED = Path(__file__).parents[2] / "fixtures" / "callbacks" / "cainiao"
RECEIVED = datetime(2026, 2, 15, 3, 0, tzinfo=UTC)
PROFILE = Profile.from_account(app_key="key", app_secret="secret")
PLAIN = {"orderCode": "LP1", "tradeOrderNo": "TL1", "status": "GOT"}


def told(content: object, profile: Profile = PROFILE) -> events.Told:
    """What `content` tells, received at a fixed time."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return events.read(text, profile, received_at=RECEIVED)


def pushed(**changes: object) -> events.Told:
    """What the plain content tells with some fields changed."""
    return told({**PLAIN, **changes})


def recorded() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)
        for path in sorted(RECORDED.glob("*.json"))
    ]


# --- recorded payloads ------------------------------------------------------------------------
@pytest.mark.parametrize("record", recorded())
def test_a_recorded_callback_is_verified_named_and_read(record: dict[str, Any]) -> None:
    content = record["content"].encode()
    assert events.verify(content, record["data_digest"].encode(), [record["secret"]])
    scan = told(content)
    assert events.callback_id(content, scan) == record["callback_id"]
    expected = dict(record["expected"])
    at = expected.pop("at", RECEIVED.isoformat())
    expected["notes"] = tuple(expected.get("notes", ()))
    for name in ("freight_yuan", "weight_kg"):
        if name in expected:
            expected[name] = Decimal(expected[name])
    defaults = {"status": None, "freight_yuan": None, "weight_kg": None, "at_given": True}
    names = ("code", "desc", "order_no", "carrier_order_id", "waybill_no")
    blanks = dict.fromkeys((*names, "courier_name", "courier_phone"), "")
    assert asdict(scan) == {
        **blanks,
        **defaults,
        "at": datetime.fromisoformat(at),
        **expected,
    }


# --- verification -----------------------------------------------------------------------------
def digest_of(content: bytes, secret: str) -> str:
    """The published rule (protocols/carriers.md 1.2), written down a second time."""
    return base64.b64encode(hashlib.md5(content + secret.encode()).digest()).decode()


def test_one_changed_byte_one_changed_digit_or_another_secret_is_not_verified() -> None:
    content = '{"status":"已签收"}'.encode()
    good = digest_of(content, "s1")
    assert events.verify(content, good, ["s0", "s1"])
    assert events.verify(content, good.encode(), ["s1", "s0"])
    assert not events.verify(content + b" ", good, ["s1"])
    assert not events.verify(content, good.swapcase(), ["s1"])
    assert not events.verify(content, good, ["s0"])
    assert not events.verify(content, good, [])
    assert not events.verify(content, "", ["s1"])
    assert not events.verify(content, "\ud800é", ["s1"])


def test_an_account_without_a_secret_verifies_nothing() -> None:
    assert not events.verify(b"{}", digest_of(b"{}", ""), [""])


def test_bytes_in_gbk_are_verified_as_sent_and_read_afterwards() -> None:
    content = json.dumps({**PLAIN, "statusDesc": "已揽件"}, ensure_ascii=False).encode("gbk")
    assert events.verify(content, digest_of(content, "密钥"), ["密钥"])
    assert told(content).desc == "已揽件"


def test_the_callback_secret_goes_before_the_app_secret() -> None:
    both = Profile.from_account(app_key="k", app_secret="a", callback_secret="c")
    assert (both.signing_secret, PROFILE.signing_secret) == ("c", "secret")


# --- the envelope -----------------------------------------------------------------------------
def test_a_form_and_a_json_body_carry_the_same_signed_bytes() -> None:
    content = json.dumps(PLAIN)
    form = {"logistics_interface": content.encode(), "data_digest": b"x==", "msg_id": b"7"}
    body = {"logistics_interface": content, "data_digest": "x==", "msg_id": "7", "n": 1}
    expected = events.Pushed(content.encode(), b"x==", {"msg_id": "7"})
    assert events.unwrap(form) == expected
    assert events.unwrap(json.dumps(body).encode()) == expected


def test_content_given_as_an_object_is_verified_on_its_own_characters() -> None:
    content = '{ "status": "GOT",\t"orderCode":"L\\u0050" , "freight": 1.50 }'
    body = f'{{"data_digest": "x", "logistics_interface" :{content}}}'
    assert events.unwrap(body.encode()).content == content.encode()


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"logistics_interface": b"{}"},
        {"logistics_interface": b"", "data_digest": b"x"},
        b'{"logistics_interface": "{}"}',
        b'{"logistics_interface": 5, "data_digest": "x"}',
        b"<a><logistics_interface>x</logistics_interface><data_digest>x</data_digest></a>",
        b"[]",
        b"",
    ],
)
def test_an_envelope_without_content_or_digest_is_unreadable(posted: Any) -> None:
    with pytest.raises(events.Unreadable):
        events.unwrap(posted)


# --- reading ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    ["", "null", "[]", '"x"', "{", "{}", '{"statusDesc": "x"}', "<a>", "<a/>", "<a>text</a>"],
)
def test_what_is_no_object_or_names_nothing_is_unreadable(content: str) -> None:
    with pytest.raises(events.Unreadable):
        told(content)


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a><status>&x;</status></a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><a><status>GOT</status></a>',
        '{"a":' * 100_000,
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        "<a>" * 20_000 + "</a>" * 20_000,
    ],
    ids=["entity", "external", "open", "nested", "nested_xml"],
)
def test_an_attack_on_the_parser_is_unreadable(content: str) -> None:
    with pytest.raises(events.Unreadable):
        told(content)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((word, word) for word in statuses.OURS),
        *((number, "in_transit") for number in (430, 470, 475, 500)),
        *((number, None) for number in (0, 100, 300, 429, 501, 900, 901, 1100, 1200, -1)),
        (400.0, "picked"),
        ("ACCEPT", "dispatched"),
        ("GOT", "picked"),
        ("SENT", "delivering"),
        ("OUTBOUND", "signed"),
        ("ISSUE", "exception"),
        ("REJECT", "rejected"),
        (" SIGNED ", "signed"),
        ("Signed", None),
        ("RETURN", None),
        ("TRANSFER", None),
        ("", None),
        (None, None),
        (True, None),
        (["GOT"], None),
        ("4" * 5000, None),
    ],
)
def test_a_status_means_what_the_table_says_and_all_else_moves_nothing(
    code: object, status: str | None
) -> None:
    scan = pushed(status=code)
    assert scan.status == status
    assert len(scan.code) <= 50


def test_the_ten_words_are_those_of_the_order() -> None:
    assert set(statuses.OURS) == set(OrderStatus.values)
    assert set(statuses.STATUS_MAP.values()) <= set(OrderStatus.values)


def test_an_account_maps_a_word_of_its_own_and_unmaps_another() -> None:
    profile = Profile.from_account(
        app_key="k", app_secret="s", status_map={"COLLECTED": "picked", "GOT": None}
    )
    assert told({**PLAIN, "status": "COLLECTED"}, profile).status == "picked"
    assert told(PLAIN, profile).status is None
    assert told({**PLAIN, "status": "SENT"}, profile).status == "delivering"


def test_an_account_finds_the_fields_where_its_api_has_them() -> None:
    paths = {"callback": {"order_no": "order.outId", "code": "order.state", "desc": None}}
    profile = Profile.from_account(app_key="k", app_secret="s", answer_fields=paths)
    scan = told({"order": {"outId": "TL9", "state": 400}, "statusDesc": "x"}, profile)
    assert (scan.order_no, scan.status, scan.desc) == ("TL9", "picked", "")


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        ("2026-02-15 10:00:00", "2026-02-15T02:00:00+00:00"),
        ("2026-02-15T10:00:00.5+08:00", "2026-02-15T02:00:00.500000+00:00"),
        ("2026-02-15T02:00:00Z", "2026-02-15T02:00:00+00:00"),
        (1771120800000, "2026-02-15T02:00:00+00:00"),
        ("1771120800", "2026-02-15T02:00:00+00:00"),
    ],
)
def test_an_event_time_is_of_china_unless_it_says_otherwise(
    given_time: object, expected: str
) -> None:
    scan = pushed(eventTime=given_time)
    assert scan.at == datetime.fromisoformat(expected)
    assert scan.at_given


@pytest.mark.parametrize(
    "given_time",
    [
        *(
            None,
            "",
            "yesterday",
            "2026-02-30 10:00:00",
            "1999-12-31 10:00:00",
            "0001-01-01 00:00:00",
            True,
            {},
            5,
            -1,
        ),
        *("9999-12-31 23:59:59-12:00", "10:00", "2026-02-15 10:00:00" * 50, "１７７１１２０８００"),
    ],
)
def test_without_a_readable_time_the_receipt_stands_in_and_is_noted(given_time: object) -> None:
    scan = pushed(eventTime=given_time)
    assert scan.at == RECEIVED
    assert not scan.at_given
    assert any("time" in note for note in scan.notes)


@pytest.mark.parametrize(
    ("given_amount", "freight", "weight"),
    [
        (12, "12.00", "12.000"),
        ("12.5", "12.50", "12.500"),
        (0, "0.00", "0.000"),
        ("-0", "0.00", "0.000"),
        (" 7.125 ", "7.13", "7.125"),
        ("1e2", "100.00", "100.000"),
        ("0.0004", "0.00", "0.000"),
    ],
)
def test_an_amount_is_exact_with_the_places_of_its_column(
    given_amount: object, freight: str, weight: str
) -> None:
    scan = pushed(freight=given_amount, weight=given_amount)
    assert (str(scan.freight_yuan), str(scan.weight_kg)) == (freight, weight)


@pytest.mark.parametrize(
    "literal",
    [
        *("NaN", "Infinity", "-Infinity", "-1", "-0.01", "1e999", "1e99999999999999999999"),
        *('"12元"', '"1_000"', '"0x10"', '"1e999"', "true", "[1]", "{}", '"NaN"', '"١٢"'),
        *("1000000", "999999.999", "9" * 5000, "1" * 5000 + ".5", f'"{"9" * 5000}"'),
    ],
)
def test_an_absurd_amount_is_left_out_and_noted_and_the_rest_counts(literal: str) -> None:
    scan = told(f'{{"orderCode":"LP1","status":"GOT","freight":{literal},"weight":{literal}}}')
    assert (scan.freight_yuan, scan.weight_kg, scan.status) == (None, None, "picked")
    assert scan.notes[-2:] == ("freight: no usable amount", "weight: no usable amount")


def test_texts_are_clipped_to_their_columns_and_lose_what_no_column_holds() -> None:
    long = "好" * 5000
    fields = ("orderCode", "tradeOrderNo", "mailNo", "status", "statusDesc")
    scan = pushed(**dict.fromkeys((*fields, "courierName", "courierPhone"), long))
    assert [
        len(text)
        for text in (
            *(scan.carrier_order_id, scan.order_no, scan.waybill_no, scan.code, scan.desc),
            *(scan.courier_name, scan.courier_phone),
        )
    ] == [100, 32, 100, 50, 200, 50, 50]
    dirty = told('{"status":"GOT","statusDesc":"a\\u0000b\\ud800c"}').desc
    assert dirty.encode() == "a\ufffdb\ufffdc".encode()


# --- the id -----------------------------------------------------------------------------------
def test_the_same_push_has_one_id_and_the_next_scan_of_its_type_another() -> None:
    first, second = b'{"status":"430","statusDesc":"a"}', b'{"status":"430","statusDesc":"b"}'
    ids = [events.callback_id(content, told(content)) for content in (first, first, second)]
    assert ids[0] == ids[1] != ids[2]


def test_the_order_is_named_by_their_number_else_ours_else_a_dash() -> None:
    digest = hashlib.sha256(b"x").hexdigest()[:32]
    assert events.callback_id(b"x", pushed()) == f"LP1:GOT:{digest}"
    assert events.callback_id(b"x", pushed(orderCode="")) == f"TL1:GOT:{digest}"
    assert events.callback_id(b"x", told({"status": "GOT"})) == f"-:GOT:{digest}"
    assert events.callback_id(b"x") == f"-:-:{digest}"


def test_the_id_fits_its_column_whatever_is_sent() -> None:
    whole = pushed(orderCode="x" * 100, status="y" * 50)
    assert events.callback_id(b"x", whole).startswith(f"{'x' * 100}:{'y' * 50}:")
    scan = pushed(orderCode="x" * 9999, status="y" * 9999)
    assert len(events.callback_id(b"x", scan)) <= 200


# --- anything at all --------------------------------------------------------------------------
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = ("orderCode", "tradeOrderNo", "mailNo", "status", "statusDesc", "eventTime", "courierName")
CONTENTS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*NAMES, "courierPhone", "freight", "weight", "data"), ANYTHING)
).map(lambda fields: json.dumps(fields).encode())


@given(
    st.binary() | CONTENTS | st.text().map(lambda text: f"<a>{text}</a>".encode("utf-8", "replace"))
)
@example(b"\xef\xbb\xbf{}")
@example(b'{"status":1e9999999999999999999999}')
@example(b"<a xmlns='x'><status>GOT</status></a>")
def test_any_bytes_are_read_or_unreadable_and_what_is_read_can_be_stored(content: bytes) -> None:
    try:
        scan = told(content)
    except events.Unreadable:
        return
    assert len(events.callback_id(content, scan)) <= 200
    for value in asdict(scan).values():
        if isinstance(value, str):
            assert "\x00" not in value
            value.encode()
    assert scan.at.tzinfo is not None
    assert scan.status is None or scan.status in statuses.OURS
    for amount in (scan.freight_yuan, scan.weight_kg):
        assert amount is None or (amount.is_finite() and amount >= 0)


@given(
    st.binary() | st.dictionaries(st.text(), ANYTHING).map(lambda each: json.dumps(each).encode())
)
def test_any_body_is_unwrapped_or_unreadable(body: bytes) -> None:
    try:
        envelope = events.unwrap(body)
    except events.Unreadable:
        return
    assert envelope.content
    assert envelope.digest
