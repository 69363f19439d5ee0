"""Whatever is sent to the running server, its answers are those that its own document promises."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
import schemathesis
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils import timezone
from hypothesis import Phase, given, seed
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.services.operators import create_operator, issue_token
from config.sandbox.systems import BUILT_IN_KEY, built_in_secret
from logistics.models import ExpressOrder
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, issue
from tests.proofs.fuzz.budget import examples
from tests.proofs.fuzz.feeding import Larder, feed, remember
from tests.proofs.fuzz.identities import Nobody, Operator, Tenant
from tests.proofs.fuzz.live import Live, free_ports, running

Heard = dict[str, Counter[int]]
SEED = 20261121
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TENANTS = (
    "POST /api/v1/express-orders", "GET /api/v1/express-orders",
    "POST /api/v1/express-orders/batch", "GET /api/v1/express-orders/{order_no}",
    "POST /api/v1/express-orders/{order_no}/cancel", "GET /api/v1/quota",
    "GET /api/v1/quota/statements",
)  # fmt: skip
# What changes accounts, rules and quotas comes after what needs them.
OPERATORS = (
    "POST /api/platform/auth/token", "DELETE /api/platform/auth/token",
    "POST /api/platform/cainiao/orders/create", "GET /api/platform/cainiao/orders",
    "GET /api/platform/cainiao/orders/{order_id}",
    "POST /api/platform/cainiao/orders/{order_id}/waybill",
    "POST /api/platform/cainiao/orders/{order_id}/cancel",
    "POST /api/platform/cainiao/address/parse", "POST /api/platform/cainiao/branch/find",
    "GET /api/platform/cainiao/logs", "GET /api/platform/cainiao/quotas/details",
    "GET /api/platform/reports/orders", "GET /api/platform/reports/tenants",
    "GET /api/platform/reports/settlement", "POST /api/platform/cainiao/config/test",
    "POST /api/platform/cainiao/rules", "GET /api/platform/cainiao/rules",
    "PUT /api/platform/cainiao/rules/{rule_id}", "DELETE /api/platform/cainiao/rules/{rule_id}",
    "POST /api/platform/cainiao/quotas", "GET /api/platform/cainiao/quotas",
    "DELETE /api/platform/cainiao/quotas/{quota_id}", "POST /api/platform/cainiao/config",
    "GET /api/platform/cainiao/config",
)  # fmt: skip
# Answered in the carrier's own form; test_callback_door.py signs what it sends there.
CARRIER = "POST /api/platform/cainiao/callback"
OPERATIONS = (*TENANTS, *OPERATORS)
OPEN_TO_ALL = "POST /api/platform/auth/token"


@dataclass
class Ground:
    """The running product and everyone who may knock."""

    live: Live
    schema: Any
    larder: Larder
    senders: dict[str, Any]
    session: requests.Session

    def operation(self, label: str) -> Any:
        method, path = label.split()
        return self.schema[path][method]


@pytest.fixture
def ground(transactional_db: None, tmp_path: Path) -> Iterator[Ground]:
    ports = free_ports()
    senders, larder = _cast(f"http://127.0.0.1:{ports[1]}")
    with running(tmp_path, ports, TRUSTED_PROXIES="127.0.0.1/32") as live:
        schema = schemathesis.openapi.from_url(f"{live.url}/api/schema?format=json")
        with requests.Session() as session:
            yield Ground(live, schema, larder, senders, session)
    said = live.log.read_text(errors="replace")
    # Neither the web nor the workers behind it met anything they had no answer for.
    assert "Traceback" not in said, said[-5000:]


def _cast(sandbox_url: str) -> tuple[dict[str, Any], Larder]:
    start = (timezone.localdate() - timedelta(days=100)).replace(day=1)
    quota = QuotaFactory(
        monthly_free_quota=10_000, overage_enabled=True, overage_price="1.50",
        period_start=start, period_end=(start + timedelta(days=32)).replace(day=1),
    )  # fmt: skip
    RuleFactory()
    account = {
        "app_key": BUILT_IN_KEY,
        "app_secret": built_in_secret(os.environ["SECRET_KEY"], "cainiao"),
        "endpoint_url": f"{sandbox_url}/cainiao/gateway/link.do",
        "sign_method": "link", "status": "enabled", "callback_secret": "", "provider_id": "",
        "waybill_at_order": False, "message_names": {}, "question_fields": {},
        "answer_fields": {}, "status_map": {}, "retry_codes": [], "not_found_codes": [],
    }  # fmt: skip
    AccountFactory(**account)
    larder = Larder("operator", "Chun-Jiang-Hua-Yue-7", account, quota.tenant_id)
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        create_operator(username=larder.username, role="platform_admin", password=larder.password)
    user = get_user_model().objects.get(username=larder.username)
    return {
        "tenant": Tenant(*issue(quota.tenant)),
        "tenant in test mode": Tenant(*issue(quota.tenant, "test")),
        "operator": Operator(lambda: issue_token(user=user).token),
        "nobody": Nobody(),
    }, larder


def play(ground: Ground, label: str, sender: str, most: int) -> Counter[int]:
    """Send generated requests of one operation; returns the statuses that came."""
    operation = ground.operation(label)
    varied = operation.body or list(operation.iter_parameters())
    modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if varied else [])]
    most = most if varied else min(most, 10)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])
    statuses: Counter[int] = Counter()

    @seed(SEED)
    @examples(most, database=None, phases=[Phase.generate, Phase.shrink])
    @given(cases, st.integers(0, 2**32))
    def sending(case: schemathesis.Case, number: int) -> None:
        feed(case, Random(number), ground.larder)
        answer = case.call(
            base_url=ground.live.url, session=ground.session, auth=ground.senders[sender],
            timeout=20,
        )  # fmt: skip
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        body = answer.json()
        if label == CARRIER:
            assert body["success"] is (answer.status_code == 200), body
            return
        envelope = {"code", "message", "data"}
        if answer.status_code >= 400:
            envelope |= {"error"}
        assert set(body) == envelope, body
        assert (body["code"] == 0) == (answer.status_code < 400)
        assert answer.headers["x-request-id"]
        remember(body, ground.larder)

    sending()
    print(f"{label} as {sender}: {dict(sorted(statuses.items()))}, seed {SEED}")
    return statuses


def play_all(ground: Ground, labels: Iterable[str], sender: str, most: int) -> Heard:
    """Play every operation to its end, then tell all that was wrong."""
    heard: Heard = {}
    wrong: list[Exception] = []
    for label in labels:
        try:
            heard[label] = play(ground, label, sender, most)
        except Exception as exc:  # noqa: BLE001 - one operation's failure must not hide another's
            wrong.append(exc)
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} operations as {sender}", wrong)
    return heard


@pytest.mark.timeout(600)
def test_answers_are_those_the_document_promises_and_each_operation_has_its_success(
    ground: Ground,
) -> None:
    found = {each.ok().label for each in ground.schema.get_all_operations()}
    assert found == {*OPERATIONS, CARRIER}, "an operation is not tried here"
    heard = play_all(ground, TENANTS, "tenant", 120) | play_all(ground, OPERATORS, "operator", 60)
    assert set(play(ground, CARRIER, "nobody", 60)) <= {400, 401}
    for label, statuses in heard.items():
        assert any(200 <= status < 300 for status in statuses), f"{label}: {statuses}"
    assert list(find_discrepancies()) == []


@pytest.mark.timeout(600)
def test_test_mode_keeps_the_same_promises_and_draws_no_unit(ground: Ground) -> None:
    heard = play_all(ground, TENANTS, "tenant in test mode", 40)
    assert heard[TENANTS[0]][201] > 0
    assert TenantQuota.objects.get().total_used == 0


@pytest.mark.timeout(600)
def test_who_has_no_business_there_is_refused_whatever_is_sent(ground: Ground) -> None:
    play_all(ground, [OPEN_TO_ALL], "tenant", 25)
    for sender, labels in (("tenant", OPERATORS), ("operator", TENANTS), ("nobody", OPERATIONS)):
        closed = [label for label in labels if label != OPEN_TO_ALL]
        refusal = 401 if sender == "nobody" else 403
        for label, statuses in play_all(ground, closed, sender, 25).items():
            # 401: a token was generated as well; 404, 405: a number that leads to another route.
            assert set(statuses) <= {401, refusal, 404, 405}, f"{label} as {sender}: {statuses}"
            assert statuses[refusal], f"{label} as {sender}: {statuses}"
    assert not ExpressOrder.objects.exists()
