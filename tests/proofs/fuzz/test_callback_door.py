"""Whatever is posted at the carrier's door: no accident, nothing kept but what verifies."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.work import drain
from config.sandbox import Sandbox
from logistics.models import CallbackRecord, ExpressOrder
from logistics.services.handling import CALLBACKS
from logistics.states import OrderStatus
from quotas.queries import find_discrepancies
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    DOOR,
    FORM,
    account,
    client,
    order,
    sandbox,
    tenant,
    work,
    world,
)
from tests.proofs.fuzz.budget import examples
from tests.proofs.fuzz.contents import MESSAGES, digest, form, signed, wrapped

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
SLOWEST = 2.0
LARGEST = 256 * 1024


def knock(body: bytes, content_type: str = FORM) -> Any:
    browser = Client(raise_request_exception=False)
    began = time.perf_counter()
    answer = browser.generic("POST", DOOR, body, content_type)
    took = time.perf_counter() - began
    assert took < SLOWEST, f"{took:.1f} s for {body[:200]!r}"
    told = answer.json()
    match answer.status_code:
        case 200:
            assert told == {"success": True}
        case 400 | 413:
            assert (told["success"], told["errorCode"]) == (False, "S01")
        case 401:
            assert (told["success"], told["errorCode"]) == (False, "S02")
        case status:
            raise AssertionError(f"{status} for {body[:500]!r}")
    return answer


def drained(record: CallbackRecord) -> str:
    """Handle it, and what it came to; the lease is given back."""
    began = time.perf_counter()
    drain(CALLBACKS, threads=1)
    assert time.perf_counter() - began < SLOWEST
    record.refresh_from_db()
    assert record.lease_token is None
    return str(record.process_result)


def handled(record: CallbackRecord, clock: Any) -> str:
    """Done at once, or waiting for a number that nobody knows, and a day later waiting no more."""
    now = timezone.now()
    result = drained(record)
    if record.due_at is None:
        assert record.processed, result
        return result
    assert (result, record.processed) == ("未找到订单，等待重试", False)
    assert record.due_at <= now + timedelta(hours=1)
    clock.move_to(now + timedelta(hours=25))
    assert drained(record) == "未找到订单，已停止重试"
    assert record.due_at is None
    clock.move_to(now)
    return result


def test_what_is_signed_is_acknowledged_kept_once_and_handled_whatever_it_says(
    order: ExpressOrder,  # noqa: F811
    sandbox: Sandbox,  # noqa: F811
    work: Callable[..., None],  # noqa: F811
) -> None:
    secret, results = sandbox.secret(), Counter[str]()
    numbers = (
        {"orderCode": str(order.cainiao_order_id), "tradeOrderNo": order.order_no},
        {"tradeOrderNo": order.order_no}, {"orderCode": "LP-NOBODY"}, {},
    )  # fmt: skip

    @examples(400)
    @given(signed(secret, numbers), st.sampled_from(MESSAGES), st.booleans())
    def pushing(content: bytes, message: str, as_json: bool) -> None:
        CallbackRecord.objects.all().delete()
        body = form(content, digest(content, secret), message)
        if as_json:
            text = content.decode("utf-8", "replace")
            content = text.encode()
            body = wrapped(text, digest(content, secret), message)
        kind = "application/json" if as_json else FORM
        status = knock(body, kind).status_code
        assert status == (413 if len(body) > LARGEST else 200 if content else 400)
        kept = list(CallbackRecord.objects.all())
        assert len(kept) == (status == 200)
        for record in kept:
            assert bytes(record.raw_body) == body
            # Alone it may be a status or a number of theirs, which masking keeps.
            masked = json.dumps(record.raw_data, ensure_ascii=False)
            assert not re.search(r"张三 13800138000(?!\d)", masked)
            results[handled(record, work.clock)[:12]] += 1  # type: ignore[attr-defined]
            assert knock(body, kind).status_code == 200
            assert CallbackRecord.objects.count() == 1
        assert ExpressOrder.objects.get().status in OrderStatus.values

    pushing()
    print(dict(results))
    assert len(results) >= 4, f"hardly anything was understood: {results}"
    assert list(find_discrepancies()) == []


def test_a_signed_form_with_any_byte_changed_is_kept_only_if_its_content_still_verifies(
    order: ExpressOrder,  # noqa: F811
    sandbox: Sandbox,  # noqa: F811
) -> None:
    secret = sandbox.secret()
    text = f'{{"tradeOrderNo": "{order.order_no}", "status": "到达", "statusDesc": "杭州"}}'
    contents = [text.encode(charset) for charset in ("utf-8", "gbk")]

    @examples(300)
    @given(
        st.sampled_from(contents), st.booleans(),
        st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4),
        st.sampled_from(["flip", "insert", "delete", "cut"]),
        st.sampled_from([FORM, "application/json", "", "multipart/form-data; boundary=x",
                         f"{FORM}; charset=GBK", f"{FORM}; charset=nothing"]),
    )  # fmt: skip
    def spoiling(
        content: bytes, as_json: bool, places: list[tuple[int, int]], how: str, kind: str
    ) -> None:
        body = bytearray(form(content, digest(content, secret), MESSAGES[0]))
        if as_json and content == contents[0]:
            body = bytearray(wrapped(content.decode(), digest(content, secret), MESSAGES[0]))
        for place, byte in places:
            at = place % max(1, len(body))
            if how == "flip":
                body[at : at + 1] = bytes([byte])
            elif how == "insert":
                body[at:at] = bytes([byte])
            elif how == "delete":
                del body[at : at + 1]
            else:
                del body[at:]
        before = CallbackRecord.objects.count()
        status = knock(bytes(body), kind).status_code
        kept = CallbackRecord.objects.count() - before
        assert kept <= (status == 200)
        # What is kept has the one content that was signed, or nobody could have known its digest.
        assert CallbackRecord.objects.count() <= len(contents)

    spoiling()
    assert ExpressOrder.objects.get().status == order.status


@examples(300)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=50).map(lambda raw: b"logistics_interface=" + raw + b"&data_digest=x"),
        st.sampled_from([
            b"", b"{", b"{}", b"[" * 250_000, b'{"a":' * 40_000, b"a=1&" * 60_000, b"%" * 200_000,
            b"&" * 250_000, b"=" * 250_000, b"x" * 300_000, b" " * 250_000 + b"{}", b"+" * 250_000,
            b'{"logistics_interface": {}, "data_digest": "x"}', b"\xef\xbb\xbf{}", b"\x00" * 9,
            b'{"logistics_interface": "\\ud800", "data_digest": "\\ud800"}',
            b'{"logistics_interface": ' + b"[" * 9000 + b"]" * 9000 + b', "data_digest": "x"}',
            b'{"logistics_interface": {"a": ' + b"9" * 5000 + b'}, "data_digest": "x"}',
            b"<a>" * 50_000, b"logistics_interface=a&logistics_interface=b&data_digest=x",
        ]),
    ),
    st.sampled_from([FORM, "application/json", "text/xml", "", "multipart/form-data"]),
)  # fmt: skip
def unsigned_bytes(body: bytes, kind: str) -> None:
    assert knock(body, kind).status_code in {400, 401, 413}


def test_what_nobody_signed_is_refused_and_leaves_no_record(
    account: Any,  # noqa: F811
) -> None:
    unsigned_bytes()
    assert not CallbackRecord.objects.exists()
