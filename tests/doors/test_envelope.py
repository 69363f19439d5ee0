"""Every answer and every refusal has one shape, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.authentication.signature import forget_cached_credentials
from config.kernel.errors import Refusal
from tests.factories import QuotaFactory, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/express-orders"


@pytest.fixture
def client() -> TenantClient:
    forget_cached_credentials()
    return TenantClient(*issue(QuotaFactory().tenant))


def refused(answer: Any, status: int) -> dict[str, Any]:
    body = dict(answer.json())
    assert answer.status_code == status, body
    assert set(body) == {"code", "message", "error", "data"}
    assert body["code"] != 0
    assert answer["X-Request-ID"]
    return body


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[1", b"\xff\xfe", b'{"goods_count": NaN}', b'{"goods_count": Infinity}',
        b'{"weight": 1e999}', b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b'{"\\u0000": 1}',
        b'{"a":1,"a":2}', b"[" * 60_000, b"9" * 6000, b"null", b"[]", b'"text"',
    ],
)  # fmt: skip
def test_a_body_that_is_no_plain_json_object_is_400(client: TenantClient, raw: bytes) -> None:
    refused(client.send("POST", URL, raw=raw), 400)


def test_an_oversized_body_is_413(client: TenantClient) -> None:
    refused(client.send("POST", URL, raw=b'{"remark": "' + b"x" * 70_000 + b'"}'), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/json; charset=gbk"])
def test_another_content_type_is_415(client: TenantClient, kind: str) -> None:
    refused(client.send("POST", URL, raw=b"{}", content_type=kind), 415)


def test_unknown_fields_are_named(client: TenantClient) -> None:
    body = refused(client.post(URL, {"receiver_nmae": "张三"}), 400)
    assert "receiver_nmae" in body["data"]["errors"]


def test_an_unknown_route_is_404_and_another_method_405(client: TenantClient) -> None:
    refused(client.get("/api/v1/nothing"), 404)
    refused(client.send("PATCH", URL, {}), 405)
    refused(Client().get("/api/none"), 404)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=101", "page_size=101", "page=x", "cursor=%21%21", "cursor=YWJj", "nope=1",
     "date_from=2026-13-01", "date_range=2026-01-01", "status=lost"],
)  # fmt: skip
def test_a_bad_query_is_400_and_names_the_parameter(client: TenantClient, query: str) -> None:
    body = refused(client.get(f"{URL}?{query}"), 400)
    assert query.split("=", maxsplit=1)[0] in body["data"]["errors"]


def test_the_callers_request_id_comes_back() -> None:
    answer = Client().get("/healthz", headers={"X-Request-ID": "abc-1"})
    assert answer["X-Request-ID"] == "abc-1"
    assert Client().get("/healthz", headers={"X-Request-ID": "a b"})["X-Request-ID"] != "a b"


def test_health_pages_answer_with_and_without_slash() -> None:
    for path in ("/healthz", "/healthz/", "/readyz", "/readyz/"):
        assert Client().get(path).json()["status"] == "ok"


def test_every_refusal_has_a_slug_a_code_and_a_text() -> None:
    kinds = list(Refusal.known.values())
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.slug
        assert kind.code != 0
        assert 400 <= kind.status <= 503
        assert kind.message.endswith(("。", "}"))


def test_the_welcome_page_links_console_and_docs() -> None:
    page = Client().get("/").content.decode()
    assert "/admin/" in page
    assert "/api/docs/" in page


def test_no_page_runs_foreign_scripts() -> None:
    assert "default-src 'self'" in Client().get("/")["Content-Security-Policy"]


def test_messages_are_chinese_whatever_the_caller_would_read(client: TenantClient) -> None:
    english = {"Accept-Language": "en"}
    body = refused(client.post(URL, {}, extra=english), 400)
    for texts in body["data"]["errors"].values():
        assert all("一" <= text[0] <= "鿿" for text in texts), texts


def test_the_console_is_chinese_unless_a_person_chose_otherwise() -> None:
    browser = Client(headers={"Accept-Language": "en"})
    assert "桐庐控制台" in browser.get("/admin/login/").content.decode()
    browser.cookies["django_language"] = "en"
    assert "Tonglu console" in browser.get("/admin/login/").content.decode()


def test_probes_may_ask_by_address() -> None:
    for path in ("/healthz", "/readyz"):
        assert Client().get(path, headers={"Host": "10.1.2.3"}).status_code == 200
    assert Client().get("/", headers={"Host": "10.1.2.3"}).status_code == 400


def test_any_path_below_api_is_answered_in_the_envelope(
    client: TenantClient, settings: Any
) -> None:
    settings.DEBUG = True
    for path in ("/api/nope", "/api/v1/nope/", "/api/v1/express-orders/a/b"):
        refused(Client().get(path), 404)
        refused(Client().post(path, {}), 404)


def test_a_path_that_is_not_ascii_is_no_accident_of_ours(client: TenantClient) -> None:
    answer = client.http.get(
        "/api/v1/express-orders/%E4%B8%8D", headers=client.headers("GET", "/x", b"")
    )
    refused(answer, 401)


def test_health_takes_no_other_method() -> None:
    refused(Client().post("/healthz"), 405)


def test_a_refusal_says_no_more_than_its_message(client: TenantClient) -> None:
    body = refused(client.post(URL, {"receiver_name": "张三", "receiver_phone": "13800138000",
                                     "receiver_address": "浙江省杭州市"}), 422)  # fmt: skip
    assert body["data"] is None


@pytest.mark.parametrize("query", ["date_from=20260201", "date_from=2026-W05-1", "date_to=x"])
def test_a_date_has_one_form(client: TenantClient, query: str) -> None:
    refused(client.get(f"{URL}?{query}"), 400)


def test_a_body_in_chunks_is_refused_by_name_and_not_taken_for_an_empty_one() -> None:
    answer = Client().post(
        "/api/platform/auth/token",
        {"username": "a", "password": "b"},
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
    )
    assert answer.status_code == 400
    assert "Content-Length" in answer.json()["data"]["errors"]["body"][0]
