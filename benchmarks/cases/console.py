"""The operators' pages at a million orders and two million calls against a thousand."""

from __future__ import annotations

import http.client
import re
import statistics
import time
from urllib.parse import urlencode

from benchmarks.ground import Ground
from benchmarks.load import Void
from benchmarks.rounds import Figure, figure, interleave, ratio
from benchmarks.servers import Server
from benchmarks.sizes import RARE_ROWS, SHARE, SMALL, two_sizes

USERNAME, PASSWORD = "measuring", "a-long-password-of-no-use"
ORDERS = "/admin/logistics/expressorder/"
CALLS = "/admin/logistics/calllog/"
# Its counts are kept for some seconds: what is measured is mostly the page.
HOME = "home"
# One order of the first tenant's, there in both sizes.
NUMBER = SHARE * 7


def run(ground: Ground) -> list[Figure]:
    """Milliseconds a page, large over small."""
    large, rounds, calls = (200_000, 2, 5) if ground.quick else (1_000_000, 5, 30)
    _make_operator()
    pages = _pages(ground)
    with two_sizes(
        tenant_id=ground.keys[0].tenant_id,
        large=large,
        also=[_fill_calls],
        copied=["accounts_user"],
    ) as sizes:
        browsers = {"small": Browser(sizes.small), "large": Browser(sizes.large)}
        figures = []
        cpu: list[float] = []
        for name, (target, rows) in pages.items():
            seen = interleave(
                {
                    size: lambda number, b=browser, t=target, r=rows: b.milliseconds(t, r, calls)
                    for size, browser in browsers.items()
                },
                rounds,
            )
            beside = ", ".join(f"{size} {statistics.median(s):.1f} ms" for size, s in seen.items())
            figures.append(
                ratio(f"console: {name}, {large:,} / {SMALL:,} orders", seen["large"],
                      seen["small"], at_most=None if name == HOME else 1.2, beside=beside)
            )  # fmt: skip
            cpu += seen["large"]
    return [*figures, figure("a page of the console at the large size", cpu, unit="ms")]


def _pages(ground: Ground) -> dict[str, tuple[str, int | None]]:
    """Each page and how many rows its list must show."""
    tenant = ground.keys[0].tenant_id
    return {
        "order list": (ORDERS, 50),
        "orders in exception": (f"{ORDERS}?status__exact=exception", RARE_ROWS),
        "orders of a tenant": (f"{ORDERS}?tenant={tenant}", 50),
        "order search": (f"{ORDERS}?q=L{NUMBER:012d}", 1),
        "order page": (f"{ORDERS}{NUMBER}/change/", None),
        "call log": (CALLS, 50),
        "failed calls": (f"{CALLS}?success__exact=0", 50),
        "a call": (f"{CALLS}{NUMBER}/change/", None),
        HOME: ("/admin/", None),
    }


class Browser:
    """Keeps one connection and the session's cookie."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._cookies: dict[str, str] = {}
        page = self._ask("GET", "/admin/login/")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if found is None:
            raise Void("the login page has no form")
        fields = {"username": USERNAME, "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
        self._ask("POST", "/admin/login/?next=/admin/", urlencode(fields))
        if "sessionid" not in self._cookies:
            raise Void("the operator was not let in")

    def milliseconds(self, target: str, rows: int | None, calls: int) -> float:
        """The median of single pages, one after the other, each with the rows it must show."""
        times = []
        page = ""
        for _ in range(calls):
            began = time.perf_counter()
            page = self._ask("GET", target)
            times.append((time.perf_counter() - began) * 1000)
        shown = page.count('class="action-select"') or page.count("<tr><") or None
        if rows is not None and shown != rows:
            raise Void(f"{target}: {shown} rows instead of {rows}")
        return statistics.median(times)

    def _ask(self, method: str, target: str, body: str | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, target, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self._cookies[cookie] = rest.partition(";")[0]
        if answer.status not in {200, 302}:
            raise Void(f"{method} {target}: {answer.status}")
        if method == "GET" and answer.status != 200:
            raise Void(f"{target} leads to {answer.getheader('Location')}")
        return text


def _make_operator() -> None:
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - after the settings

    if not get_user_model().objects.filter(username=USERNAME).exists():
        get_user_model().objects.create_superuser(USERNAME, password=PASSWORD)


def _fill_calls(database: str, orders: int) -> None:
    """Two calls an order, every fortieth failed."""
    from django.db import connection  # noqa: PLC0415 - after the settings

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {database}.platform_cainiao_logs"
            " (api_method, request_params, request_time, response_data, duration_ms, tenant_id,"
            "  order_id, success, error_type, outcome, created_at)"
            " SELECT IF(MOD(seq, 2), 'TMS_WAYBILL_GET', 'ADDRLIB_DIV_FULLPARSE'), '{}',"
            "  TIMESTAMPADD(SECOND, seq, '2026-01-01'), '{}', 20 + MOD(seq, 100),"
            "  1000 + MOD(seq, 500), CEIL(seq / 2), MOD(seq, 40) > 0,"
            "  IF(MOD(seq, 40) > 0, NULL, 'network'), 'done',"
            "  TIMESTAMPADD(SECOND, seq, '2026-01-01')"
            f" FROM seq_1_to_{2 * orders}"
        )
        cursor.execute(f"ANALYZE TABLE {database}.platform_cainiao_logs")
        cursor.fetchall()
