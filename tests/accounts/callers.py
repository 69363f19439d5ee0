"""A tenant with events, and its systems: a live and a test one, and somebody else's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Tenant
from accounts.services.outbox.owing import endpoint_for
from config.kernel.keeping import Kept
from tests.factories import TenantFactory, issue
from tests.outbox.ground import SECRET
from tests.signing import TenantClient

URL = "/api/v1/callbacks"


def a_tenant(**columns: Any) -> Tenant:
    given = {"callback_url": "https://a.example.com/hook", "callback_hosts": ["a.example.com"]}
    tenant: Tenant = TenantFactory(**{**given, "callback_secret": SECRET, **columns})
    return tenant


def caller(tenant: Tenant, mode: str = "live") -> TenantClient:
    return TenantClient(*issue(tenant, mode))


def data(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    return answer.json()["data"]


def refused(answer: Any, status: int, slug: str) -> Any:
    assert (answer.status_code, answer.json()["error"]) == (status, slug)
    return answer.json()


def reread() -> None:
    """As though the seconds had passed for which a process keeps what it read."""
    Kept.forget_all()


def endpoint_key(tenant: Tenant, *, is_test: bool = False) -> int:
    return endpoint_for(tenant_id=tenant.pk, is_test=is_test)


def now() -> Any:
    return timezone.now()
