"""The port `Carrier`, asked of every adapter in the registry before its sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from config.kernel.http import Outcome
from config.sandbox import Sandbox, running
from logistics.carriers.base import Place, Reply
from logistics.carriers.registry import (
    ADAPTERS,
    METHODS,
    Adapter,
    carrier_class,
    registry_errors,
)
from tests.ports.benches import (
    ADDRESS,
    BENCHES,
    HURRY_S,
    PERSONAL,
    WAY_TOO_LONG_S,
    Bench,
    prepared,
    shipment,
)

CHANGING = ("get_waybill", "create_pickup", "cancel_pickup")
ASKING = ("parse_address", "find_branch", "query", "track")
ALL = (*CHANGING, *ASKING)
LOOKING_UP = ("query", "track")

# What becomes of the next call under each fault: its kind, its fields, the error type.
DOUBTFUL = [
    ("drop", {}, "network"),
    ("timeout_before", {"delay_s": WAY_TOO_LONG_S}, "network"),
    ("accept_then_timeout", {"delay_s": WAY_TOO_LONG_S}, "network"),
    ("drip", {"delay_s": HURRY_S / 5}, "network"),
    ("error_500", {}, "system"),
    ("accept_then_500", {}, "system"),
    ("malformed", {}, "system"),
    ("malformed_accept", {}, "system"),
    ("redirect", {}, "system"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as world:
        yield world


@pytest.fixture(params=sorted(ADAPTERS))
def bench(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Bench]:
    maker = BENCHES[request.param]
    yield maker.make(sandbox, maker.variants[0])
    sandbox.control("faults", method="DELETE")


@pytest.fixture(
    params=[(name, variant) for name in sorted(BENCHES) for variant in BENCHES[name].variants],
    ids="-".join,
)
def each_bench(request: pytest.FixtureRequest, sandbox: Sandbox) -> Bench:
    name, variant = request.param
    return BENCHES[name].make(sandbox, variant)


def checked(reply: Reply[Any], bench: Bench, *, calls: int = 1) -> Reply[Any]:
    """The reply, once what holds for every one has been looked at."""
    assert len(reply.calls) == calls
    assert len(reply.code) <= 50
    assert len(reply.message) <= 500
    for line in reply.calls:
        assert line.api_method
        assert 0 < len(line.request_id) <= 100
        assert line.record.outcome is reply.outcome
        assert line.success is (reply.outcome is Outcome.DONE)
        assert line.error_type == reply.error_type
        logged = str(asdict(line))
        for secret in (*PERSONAL, *bench.secrets):
            assert secret not in logged
            assert secret not in reply.message
    if reply.outcome is Outcome.DONE:
        assert reply.error_type == ""
        assert reply.value is not None or reply.absent or reply.calls[0].success
    else:
        assert reply.value is None
        assert reply.error_type in ("network", "auth", "business", "system")
        assert reply.message
        assert all(line.record.error_detail for line in reply.calls)
    return reply


# --- the registry -----------------------------------------------------------------------------
def test_the_registry_holds_and_every_adapter_is_put_to_this_suite() -> None:
    assert registry_errors() == []
    assert set(BENCHES) == set(ADAPTERS)


def test_a_wrong_row_of_the_registry_is_told_in_a_sentence() -> None:
    good = ADAPTERS["cainiao"].path
    wrong = {
        "nowhere": Adapter("logistics.carriers.nowhere.Client", METHODS),
        "no_attribute": Adapter("logistics.carriers.registry.Nothing", METHODS),
        "no_class": Adapter("logistics.carriers.registry.carrier_class", METHODS),
        "no_methods": Adapter("logistics.carriers.base.Place", METHODS),
        "unknown": Adapter(good, METHODS | {"fly"}),
        "useless": Adapter(good, frozenset({"query"})),
        "blank": Adapter("", METHODS),
    }
    errors = registry_errors(wrong)
    assert sorted(error.split(":")[0] for error in errors) == sorted(wrong)


def test_an_unknown_carrier_is_a_lookup_error_that_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match="cainiao"):
        carrier_class("pigeon")


# --- when all is well -------------------------------------------------------------------------
@pytest.mark.parametrize("fault", ["", "xml", "string_success", "delay"])
@pytest.mark.parametrize("method", ALL)
def test_a_question_is_done(bench: Bench, method: str, fault: str) -> None:
    parcel = prepared(bench, method)
    if fault:
        bench.fault(method, fault, delay_s=0.02)
    reply = checked(parcel.ask(bench.carrier), bench)
    assert reply.outcome is Outcome.DONE, reply
    value: Any = reply.value
    match method:
        case "parse_address":
            assert (value.province, value.city, value.district) == ("浙江省", "杭州市", "余杭区")
        case "find_branch":
            assert value
            assert all(branch.code and branch.name for branch in value)
        case "get_waybill":
            assert value.waybill_no
            assert value.print_data.startswith("{")
        case "create_pickup":
            assert value.carrier_order_id
        case "query":
            assert value.carrier_order_id == parcel.carrier_order_id
            assert value.waybill_no == parcel.shipment.waybill_no
        case "track":
            assert value == ()


@pytest.mark.parametrize("method", ALL)
def test_a_question_is_done_in_each_variant(each_bench: Bench, method: str) -> None:
    reply = prepared(each_bench, method).ask(each_bench.carrier)
    assert checked(reply, each_bench).outcome is Outcome.DONE


@pytest.mark.parametrize("method", ALL)
def test_a_wrong_secret_is_for_us_to_mend_and_refuses_nothing(
    each_bench: Bench, method: str
) -> None:
    reply = checked(prepared(each_bench, method).ask(each_bench.impostor), each_bench)
    assert (reply.outcome, reply.error_type) == (Outcome.RETRY, "auth")


def test_the_print_data_is_the_very_text_in_json_and_in_xml(bench: Bench) -> None:
    order = shipment()
    first = bench.carrier.get_waybill(order).value
    bench.fault("get_waybill", "xml")
    assert bench.carrier.get_waybill(order).value == first


def test_scans_come_oldest_first(bench: Bench, sandbox: Sandbox) -> None:
    parcel = prepared(bench, "track")
    sandbox.step(30 * 24 * 3600)
    scans: Any = checked(parcel.ask(bench.carrier), bench).value
    assert [scan.at for scan in scans] == sorted(scan.at for scan in scans)
    assert scans[-1].status == "signed"
    assert {"picked", "in_transit"} <= {scan.status for scan in scans}


def test_no_branch_is_an_answer_and_no_refusal(bench: Bench) -> None:
    place = Place("海南省", "三沙市", "西沙区")
    reply = checked(bench.carrier.find_branch("YTO", place), bench)
    assert (reply.outcome, reply.value) == (Outcome.DONE, ())


# --- a no -------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("fault", ["refuse", "huge"])
def test_a_readable_no_is_final(bench: Bench, method: str, fault: str) -> None:
    parcel = prepared(bench, method)
    bench.fault(method, fault, errorCode="NO_SERVICE")
    reply = checked(parcel.ask(bench.carrier), bench)
    assert (reply.outcome, reply.code) == (Outcome.REFUSED, "NO_SERVICE")
    assert reply.error_type == "business"
    assert reply.message


@pytest.mark.parametrize("method", ALL)
def test_a_bad_signature_is_retried_whatever_was_asked(bench: Bench, method: str) -> None:
    parcel = prepared(bench, method)
    bench.fault(method, "bad_auth")
    reply = checked(parcel.ask(bench.carrier), bench)
    assert (reply.outcome, reply.error_type) == (Outcome.RETRY, "auth")


@pytest.mark.parametrize("method", ALL)
def test_a_code_the_account_lists_is_retried_and_final_for_others(
    bench: Bench, method: str
) -> None:
    parcel = prepared(bench, method)
    bench.fault(method, "refuse", errorCode="RETRY_LATER", times=2)
    listed = checked(parcel.ask(bench.patient), bench)
    assert (listed.outcome, listed.error_type) == (Outcome.RETRY, "system")
    assert checked(parcel.ask(bench.carrier), bench).outcome is Outcome.REFUSED


@pytest.mark.parametrize("method", ALL)
def test_not_found_is_an_answer_to_a_look_up_and_a_refusal_to_all_else(
    bench: Bench, method: str
) -> None:
    parcel = prepared(bench, method)
    bench.fault(method, "refuse", **bench.not_found)
    reply = checked(parcel.ask(bench.carrier), bench)
    if method in LOOKING_UP:
        assert (reply.outcome, reply.absent) == (Outcome.DONE, True)
        assert reply.value == (() if method == "track" else None)
    else:
        assert (reply.outcome, reply.absent) == (Outcome.REFUSED, False)


def test_what_was_never_asked_for_is_absent(bench: Bench) -> None:
    for reply in (bench.carrier.query("TLNOBODY"), bench.carrier.track("YTO", "YT0000000000000")):
        assert checked(reply, bench).absent


# --- no answer to work with -------------------------------------------------------------------
@pytest.mark.parametrize("method", ALL)
def test_a_refused_connection_certainly_did_nothing(bench: Bench, method: str) -> None:
    reply = checked(prepared(bench, method).ask(bench.unreachable), bench)
    assert (reply.outcome, reply.error_type) == (Outcome.RETRY, "network")


@pytest.mark.parametrize(("fault", "fields", "error_type"), DOUBTFUL, ids=[d[0] for d in DOUBTFUL])
@pytest.mark.parametrize("method", ALL)
def test_doubt_is_unknown_where_something_may_have_changed_and_retry_where_not(
    bench: Bench, method: str, fault: str, fields: dict[str, Any], error_type: str
) -> None:
    parcel = prepared(bench, method)
    bench.fault(method, fault, **fields)
    in_time = "delay_s" not in fields
    reply = checked(parcel.ask(bench.carrier if in_time else bench.hurried), bench)
    expected = Outcome.UNKNOWN if method in CHANGING else Outcome.RETRY
    assert (reply.outcome, reply.error_type) == (expected, error_type), reply


@pytest.mark.parametrize(
    "fault", ["accept_then_timeout", "accept_then_500", "malformed_accept", "redirect"]
)
def test_a_waybill_asked_for_again_has_the_same_number(bench: Bench, fault: str) -> None:
    order = shipment()
    bench.fault("get_waybill", fault)
    assert bench.carrier.get_waybill(order).outcome is Outcome.UNKNOWN
    first, second = bench.carrier.get_waybill(order), bench.carrier.get_waybill(order)
    assert first.outcome is second.outcome is Outcome.DONE
    assert first.value == second.value


@pytest.mark.parametrize("fault", ["accept_then_timeout", "accept_then_500", "malformed_accept"])
def test_an_accepted_pickup_is_found_by_our_number_after_its_answer_was_lost(
    bench: Bench, fault: str
) -> None:
    parcel = prepared(bench, "create_pickup")
    bench.fault("create_pickup", fault)
    assert parcel.ask(bench.carrier).outcome is Outcome.UNKNOWN
    found = checked(bench.carrier.query(parcel.shipment.order_no), bench).value
    assert found is not None
    assert found.carrier_order_id
    assert found.waybill_no == parcel.shipment.waybill_no


@pytest.mark.parametrize("fault", ["timeout_before", "error_500", "malformed", "drop"])
def test_a_pickup_that_never_arrived_is_absent_under_our_number(bench: Bench, fault: str) -> None:
    parcel = prepared(bench, "create_pickup")
    bench.fault("create_pickup", fault, delay_s=WAY_TOO_LONG_S)
    assert parcel.ask(bench.hurried).outcome is Outcome.UNKNOWN
    assert checked(bench.carrier.query(parcel.shipment.order_no), bench).absent


def test_a_pickup_without_its_number_is_cancelled_by_ours(bench: Bench) -> None:
    parcel = prepared(bench, "cancel_pickup")
    parcel.carrier_order_id = ""
    assert checked(parcel.ask(bench.carrier), bench).outcome is Outcome.DONE
    found = bench.carrier.query(parcel.shipment.order_no).value
    assert found is not None
    assert found.status == "cancelled"


def test_the_text_of_an_address_is_in_no_log(bench: Bench) -> None:
    reply = checked(bench.carrier.parse_address(ADDRESS[::-1] + ADDRESS), bench)
    assert "杭州市余杭区文一" not in reply.calls[0].record.request_text
