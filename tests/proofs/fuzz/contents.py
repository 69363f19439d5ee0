"""What a carrier could say, rightly or not: contents and the envelopes they come in.

Strategies give bytes; nothing here uses the product's own code to sign, wrap or render.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote_from_bytes
from xml.sax.saxutils import escape

from hypothesis import strategies as st

CHARSETS = ("utf-8", "utf-8", "utf-8", "gbk", "gb18030", "latin-1", "utf-16", "utf-8-sig")
MESSAGES = (
    "TMS_UPDATE_ORDER_CALLBACK", "TMS_WAYBILL_GET", "ADDRLIB_DIV_PARSE", "ADDRLIB_DIV_FULLPARSE",
    "TMS_DISPATCH_FIND_SEND_BRANCH", "TMS_CREATE_ORDER_OFFLINE_NOTIFY", "TMS_ORDER_CANCEL",
    "CNTECH_LV_LOGISTICS_DETAIL_GET", "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL", "", "\x00", "？",
)  # fmt: skip
STATUSES: tuple[Any, ...] = (
    "ACCEPT", "GOT", "TRANSPORT", "SENT", "SIGNED", "REJECT", "FAILED", "cancelled", "exception",
    "picked", 400, 450, 600, 700, 1000, 400.0, True, None, [], {}, "", "STATION_HOLD", "9" * 60,
)  # fmt: skip
TIMES: tuple[Any, ...] = (
    "2026-11-21 12:00:00", "2026-11-21T12:00:00.123456789+08:00", "0001-01-01 00:00:00",
    "9999-12-31 23:59:59", 1_795_000_000, 1_795_000_000_123, 10**400, -1, "١٢", "", None, {}, "x",
)  # fmt: skip
AMOUNTS = (
    '"12.00"', "12.345", "1e5", "1E-400", "1e400", "-0", "NaN", "Infinity", "-Infinity", '"1e5"',
    "9" * 5000, "0." + "9" * 5000, "1e999999999999999999999", '"NaN"', "null", "[]", "true", '"٣"',
)  # fmt: skip

awkward = st.sampled_from(
    [
        "\x00",
        "\ud800",
        "\udfff",
        "\u202e",
        "👩‍👩‍👧",
        "\ufeff",
        "张三 13800138000",
        "x" * 5000,
        "\\",
        '"',
    ]
)
texts = st.one_of(st.text(max_size=40), awkward, st.builds("{}{}".format, awkward, st.text()))
scalars = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**4000))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def digest(content: bytes, secret: str) -> bytes:
    return base64.b64encode(hashlib.md5(content + secret.encode()).digest())


@st.composite
def objects(draw: st.DrawFn, numbers: tuple[dict[str, str], ...]) -> str:
    """A JSON object's text: the fields of a callback, in any order, some twice, some nested."""
    members: list[tuple[str, str]] = [
        (name, json.dumps(value)) for name, value in draw(st.sampled_from(numbers)).items()
    ]
    members.append(("status", json.dumps(draw(st.sampled_from(STATUSES) | values))))
    if draw(st.booleans()):
        members.append(("eventTime", json.dumps(draw(st.sampled_from(TIMES) | values))))
    if draw(st.booleans()):
        members.append(
            (draw(st.sampled_from(["freight", "weight"])), draw(st.sampled_from(AMOUNTS)))
        )
    for name in draw(st.lists(st.sampled_from(
        ["statusDesc", "courierName", "courierPhone", "mailNo", "status", "data", "orderCode",
         "tradeOrderNo", "phone", "printData", "\u0000", "收件人"]), max_size=4)):  # fmt: skip
        inner = draw(values)
        if draw(st.integers(0, 3)) == 0:
            inner = json.dumps(inner)  # an object as text, as their printData is
        members.append((name, json.dumps(inner, ensure_ascii=draw(st.booleans()))))
    if draw(st.integers(0, 9)) == 0:
        depth = draw(st.sampled_from([24, 26, 33, 100, 1000, 10_000]))
        members.append(("deep", "[" * depth + "]" * depth))
    members = draw(st.permutations(members))
    body = ", ".join(f"{json.dumps(name)}: {value}" for name, value in members)
    return f"{{{body}}}"


@st.composite
def documents(draw: st.DrawFn, numbers: tuple[dict[str, str], ...]) -> str:
    """The same as XML, well formed or nearly, entities and all."""
    fields = {**draw(st.sampled_from(numbers)), "status": str(draw(st.sampled_from(STATUSES)))}
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    inner += draw(st.sampled_from(["", "<a>" * 10_000 + "</a>" * 10_000, "<![CDATA[<x>]]>", "&x;",
                                   "<a><a/></a>" * 3, "&#0;", "&#xD800;", "<x:y/>"]))  # fmt: skip
    return draw(st.sampled_from(PROLOGUES)) + f"<request>{inner}</request>"


BOMB = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">'
    for before, name in zip("abcdefg", "bcdefgx", strict=True)
)
PROLOGUES = (
    "", '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="nothing"?>',
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    f'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{BOMB}]>',
)  # fmt: skip


@st.composite
def signed(draw: st.DrawFn, secret: str, numbers: tuple[dict[str, str], ...]) -> bytes:
    """Content as bytes in any charset, perhaps garbage."""
    text = draw(
        st.one_of(
            objects(numbers), objects(numbers), documents(numbers), texts,
            st.sampled_from(["", "{}", "[]", "null", "{" * 10_000, '{"a":' * 10_000, "[" * 200_000,
                             '{"status":"' + "x" * 200_000 + '"}']),
        )
    )  # fmt: skip
    raw = text.encode(
        draw(st.sampled_from(CHARSETS)), draw(st.sampled_from(["replace", "xmlcharrefreplace"]))
    )
    return raw


def form(content: bytes, signature: bytes, message: str) -> bytes:
    """The envelope as LINK posts it."""
    fields = {
        "logistics_interface": content, "data_digest": signature, "msg_type": message.encode(),
        "msg_id": b"m-1", "from_code": b"CNCTP", "partner_code": b"us",
    }  # fmt: skip
    return b"&".join(f"{name}={quote_from_bytes(value)}".encode() for name, value in fields.items())


def wrapped(content: str, signature: bytes, message: str) -> bytes:
    """The envelope as a JSON object."""
    fields = {
        "logistics_interface": content, "data_digest": signature.decode(), "msg_type": message,
    }  # fmt: skip
    return json.dumps(fields).encode()
