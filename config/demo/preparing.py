"""An empty database becomes the demo's: fixture, a key of the tenant's, an operator."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.services.operators import create_operator
from accounts.services.tenants import create_tenant
from accounts.states import Role
from config.demo.scenario import FOLDER

OPERATOR = "demo"
CALLBACK_PATH = "/api/platform/cainiao/callback"


@dataclass(frozen=True, slots=True)
class Ground:
    """What was prepared; the secrets are shown once, in the summary."""

    tenant_id: int
    tenant_code: str
    api_key: str
    api_secret: str
    operator: str
    password: str
    account: dict[str, str]


def prepare() -> Ground:
    """Migrate, load the fixture, issue a key, make an operator."""
    call_command("migrate", interactive=False, verbosity=0)
    tenant, account = _load_fixture()
    issued = create_tenant(code=tenant["platform_code"], name=tenant["name"], at=timezone.now())
    password = secrets.token_urlsafe(9)
    create_operator(username=OPERATOR, role=Role.PLATFORM_ADMIN, password=password)
    return Ground(
        tenant_id=issued.tenant.pk,
        tenant_code=issued.tenant.platform_code,
        api_key=issued.api_key or "",
        api_secret=issued.api_secret or "",
        operator=OPERATOR,
        password=password,
        account={
            "app_key": account["app_key"],
            "app_secret": account["app_secret"],
            "callback_url": f"{settings.PUBLIC_BASE_URL}{CALLBACK_PATH}",
        },
    )


def _load_fixture() -> tuple[dict[str, Any], dict[str, Any]]:
    """Load `fixtures/demo.json` as it is today and here; returns tenant and account."""
    rows = json.loads((FOLDER / "demo.json").read_text(encoding="utf-8"))
    fields = {row["model"]: row["fields"] for row in rows}
    tenant, account = fields["accounts.tenant"], fields["logistics.cainiaoaccount"]
    # The sandbox may listen elsewhere, and months that nobody lived through need no statements.
    account["endpoint_url"] = f"{settings.SANDBOX_URL}/cainiao/gateway/link.do"
    start, end = _this_month()
    fields["quotas.tenantquota"] |= {
        "period_start": start,
        "period_end": end,
        "last_reset_at": start,
    }
    here = settings.VAR_DIR / "demo.json"
    here.write_text(json.dumps(rows, ensure_ascii=False, default=str), encoding="utf-8")
    call_command("loaddata", str(here), verbosity=0)
    return tenant, account


def _this_month() -> tuple[date, date]:
    start = timezone.localdate().replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)
