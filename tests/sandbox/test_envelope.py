"""What is not a whole, rightly signed envelope is refused, and nothing of it is recorded."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from config.sandbox import Sandbox
from tests.sandbox.wire import (
    BRANCH,
    CREATE,
    FORM,
    QUERY,
    ask,
    digest,
    link_form,
    order,
    post,
    send,
    signed_form,
)

QUESTION = {"cpCode": "YTO", "province": "浙江省", "city": "杭州市", "district": "桐庐县"}
BAD_DIGEST = {
    "success": False,
    "errorCode": "S02",
    "errorMsg": "验签或加密失败:digist sign check not pass",
}


def assert_nothing_recorded(sandbox: Sandbox) -> None:
    state = sandbox.state()
    assert state["parcels"] == []
    assert state["counters"]["requests"] == {}
    assert state["pending"] == 0


def raw(sandbox: Sandbox, body: bytes, content_type: str = FORM, method: str = "POST") -> Any:
    status, _, answer = post(sandbox.cainiao_url, body, content_type, method=method)
    assert status == 200
    return json.loads(answer)


def test_a_right_envelope_is_answered(sandbox: Sandbox) -> None:
    answer = ask(sandbox, BRANCH, QUESTION)
    assert answer["success"] is True
    assert answer["branchList"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda form: form.update(data_digest="AAAAAAAAAAAAAAAAAAAAAA=="),
        lambda form: form.update(data_digest=form["data_digest"].lower()),
        lambda form: form.update(data_digest=form["data_digest"] + "\n"),
        lambda form: form.update(data_digest="é" * 24),
        lambda form: form.update(logistics_interface=form["logistics_interface"] + b" "),
        lambda form: form.update(logistic_provider_id="somebody-else"),
        lambda form: form.update(data_digest=digest(form["logistics_interface"], "other")),
    ],
)
def test_a_digest_that_is_not_right_is_refused(sandbox: Sandbox, spoil: Any) -> None:
    form = link_form(sandbox, CREATE, order("N1"))
    spoil(form)
    assert send(sandbox, form) == BAD_DIGEST
    assert_nothing_recorded(sandbox)


def test_a_digest_over_re_serialised_content_is_refused(sandbox: Sandbox) -> None:
    form = link_form(sandbox, CREATE, order("N1"))
    form["logistics_interface"] = json.dumps(order("N1"), ensure_ascii=True)
    assert send(sandbox, form) == BAD_DIGEST


def test_an_unescaped_plus_becomes_a_space_and_fails_as_at_the_real_gateway(
    sandbox: Sandbox,
) -> None:
    number = next(
        n
        for n in range(1000)
        if "+" in str(link_form(sandbox, QUERY, order(f"N{n}"))["data_digest"])
    )
    form = link_form(sandbox, QUERY, order(f"N{number}"))
    body = "&".join(
        f"{name}={quote(value, safe='+' if name == 'data_digest' else '')}"
        for name, value in form.items()
    )
    assert raw(sandbox, body.encode()) == BAD_DIGEST


@pytest.mark.parametrize(
    "missing", ["msg_type", "logistics_interface", "data_digest", "logistic_provider_id"]
)
def test_a_missing_field_is_refused(sandbox: Sandbox, missing: str) -> None:
    form = link_form(sandbox, CREATE, order("N1"))
    del form[missing]
    answer = send(sandbox, form)
    assert (answer["success"], answer["errorCode"]) == (False, "S01")
    assert_nothing_recorded(sandbox)


def test_a_field_that_is_there_twice_is_refused(sandbox: Sandbox) -> None:
    form = link_form(sandbox, CREATE, order("N1"))
    body = urlencode([*form.items(), ("msg_type", CREATE)]).encode()
    assert raw(sandbox, body)["errorCode"] == "S01"
    assert_nothing_recorded(sandbox)


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'"text"', b'{"a": NaN}', b"\xff\xfe{}", b"<request>", b"[" * 90_000, b"null"],
)
def test_content_that_cannot_be_read_is_refused_though_its_digest_is_right(
    sandbox: Sandbox, content: bytes
) -> None:
    _, _, answer = post(
        sandbox.cainiao_url, urlencode(link_form(sandbox, CREATE, content)).encode()
    )
    assert b"S01" in answer
    assert_nothing_recorded(sandbox)


def test_an_xml_entity_is_refused(sandbox: Sandbox) -> None:
    content = b'<!DOCTYPE r [<!ENTITY e "x">]><request><address>&e;</address></request>'
    form = link_form(sandbox, "ADDRLIB_DIV_FULLPARSE", content)
    _, _, answer = post(sandbox.cainiao_url, urlencode(form).encode())
    assert b"S01" in answer


def test_another_method_content_type_or_path_is_refused(sandbox: Sandbox) -> None:
    body = urlencode(link_form(sandbox, CREATE, order("N1"))).encode()
    assert raw(sandbox, body, method="GET")["errorCode"] == "S01"
    assert raw(sandbox, body, method="PUT")["errorCode"] == "S01"
    assert raw(sandbox, body, "application/json")["errorCode"] == "S01"
    assert raw(sandbox, b"no form at all")["errorCode"] == "S01"
    assert post(f"{sandbox.url}/cainiao/gateway/other.do", body)[0] == 404
    assert post(f"{sandbox.url}/nobody/gateway/link.do", body)[0] == 404
    assert_nothing_recorded(sandbox)


def test_an_unknown_message_is_refused(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "TMS_NO_SUCH_MESSAGE", {})
    assert (answer["success"], answer["errorCode"]) == (False, "S05")
    assert_nothing_recorded(sandbox)


@pytest.mark.parametrize("sign_method", ["md5", "hmac"])
def test_the_seeds_envelope_is_verified_whole(sandbox: Sandbox, sign_method: str) -> None:
    sandbox.account(app_key="seed", app_secret="s3cret", sign_method=sign_method)
    who = {"app_key": "seed", "secret": "s3cret", "sign_method": sign_method}
    assert send(sandbox, signed_form(BRANCH, QUESTION, **who))["success"] is True
    form = signed_form(BRANCH, QUESTION, **who)
    for name in form:
        changed = {**form, name: form[name] + "0"}
        assert send(sandbox, changed)["errorCode"] in ("S01", "S02"), name
        without = {key: value for key, value in form.items() if key != name}
        assert send(sandbox, without)["errorCode"] == "S01", name
    assert send(sandbox, {**form, "extra": "1"}) == BAD_DIGEST
    assert send(sandbox, {**form, "sign": form["sign"].lower()}) == BAD_DIGEST


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"timestamp": "2020-01-01 00:00:00"}, "S02"),
        ({"timestamp": "2020-1-1 00:00:00"}, "S01"),
        ({"timestamp": "now"}, "S01"),
        ({"format": "xml"}, "S01"),
        ({"v": "3.0"}, "S01"),
        ({"logistics_interface": "<request/>"}, "S01"),
    ],
)
def test_a_signed_envelope_with_wrong_members_is_refused(
    sandbox: Sandbox, changed: dict[str, str], code: str
) -> None:
    sandbox.account(app_key="seed", app_secret="s3cret", sign_method="md5")
    form = signed_form(
        CREATE, order("N1"), app_key="seed", secret="s3cret", sign_method="md5", **changed
    )
    assert send(sandbox, form)["errorCode"] == code
    assert_nothing_recorded(sandbox)


def test_an_account_speaks_one_family_only(sandbox: Sandbox) -> None:
    sandbox.account(app_key="seed", app_secret="s3cret", sign_method="md5")
    assert ask(sandbox, BRANCH, QUESTION, app_key="seed", secret="s3cret") == BAD_DIGEST
    hmac_form = signed_form(BRANCH, QUESTION, app_key="seed", secret="s3cret", sign_method="hmac")
    assert send(sandbox, hmac_form) == BAD_DIGEST
    link_account = signed_form(
        BRANCH, QUESTION, app_key=sandbox.app_key, secret=sandbox.secret(), sign_method="md5"
    )
    assert send(sandbox, link_account) == BAD_DIGEST


def test_both_families_at_once_are_refused(sandbox: Sandbox) -> None:
    form = {
        **link_form(sandbox, BRANCH, QUESTION),
        **signed_form(
            BRANCH, QUESTION, app_key=sandbox.app_key, secret=sandbox.secret(), sign_method="md5"
        ),
    }
    assert send(sandbox, form)["errorCode"] == "S01"


def test_a_question_in_xml_is_answered_in_xml(sandbox: Sandbox) -> None:
    content = (
        "<request><cpCode>YTO</cpCode><province>浙江省</province><city>杭州市</city></request>"
    )
    body = urlencode(link_form(sandbox, BRANCH, content.encode())).encode()
    status, headers, answer = post(sandbox.cainiao_url, body)
    assert (status, headers["Content-Type"]) == (200, "text/xml;charset=UTF-8")
    text = answer.decode()
    assert "<response><success>true</success><branchList><branch><branchCode>" in text
    wrong = {**link_form(sandbox, BRANCH, content.encode()), "data_digest": "x"}
    _, _, refusal = post(sandbox.cainiao_url, urlencode(wrong).encode())
    assert "<response><success>false</success><errorCode>S02</errorCode>" in refusal.decode()
