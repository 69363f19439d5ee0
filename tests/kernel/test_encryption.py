"""Secrets stay secret in every way a row is written, and their keys rotate."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Upper

from accounts.models import Tenant
from config.kernel.encryption import SecretTextField, lookup_hash
from tests.factories import TenantFactory, issue

pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT callback_secret FROM accounts_tenant ORDER BY id")
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_bulk_update_encrypts_the_values_and_not_the_statement() -> None:
    tenants = [TenantFactory(callback_secret=f"old-{n}") for n in range(3)]
    for n, tenant in enumerate(tenants):
        tenant.callback_secret = f"new-{n}"
    Tenant.objects.bulk_update(tenants, ["callback_secret"])
    assert [t.callback_secret for t in Tenant.objects.order_by("id")] == ["new-0", "new-1", "new-2"]
    assert not any(b"new-" in text for text in stored())


def test_every_other_way_to_write_encrypts_too() -> None:
    tenant = TenantFactory(callback_secret="a")
    Tenant.objects.filter(pk=tenant.pk).update(callback_secret="b")
    assert Tenant.objects.get().callback_secret == "b"
    Tenant.objects.bulk_create([Tenant(platform_code="x", name="x", callback_secret="c")])
    assert Tenant.objects.get(platform_code="x").callback_secret == "c"
    assert not any(len(text) < 50 for text in stored())


@pytest.mark.parametrize("expression", [F("name"), Upper(F("name"))])
def test_an_expression_that_would_store_plain_text_is_refused(expression: Any) -> None:
    TenantFactory(callback_secret="a")
    with pytest.raises(ValueError, match="encrypted column"):
        Tenant.objects.update(callback_secret=expression)
    assert Tenant.objects.get().callback_secret == "a"


def test_keys_rotate_row_by_row(settings: Any) -> None:
    tenant = TenantFactory(callback_secret="kept")
    issue(tenant)
    before = stored()
    _use_keys(settings, ["a new key", *settings.FERNET_KEYS])
    out = io.StringIO()
    call_command("rotate_encryption_keys", "--json", stdout=out, stderr=io.StringIO())
    report = json.loads(out.getvalue())
    assert report["rewritten"]["accounts.Tenant"] == 1
    assert report["unreadable"] == []
    assert stored() != before
    _use_keys(settings, ["a new key"])
    assert Tenant.objects.get().callback_secret == "kept"


def test_a_row_under_a_dropped_key_is_named_and_stops_nobody(settings: Any) -> None:
    lost = TenantFactory(callback_secret="lost")
    _use_keys(settings, ["another key"])
    TenantFactory(callback_secret="fine")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rotate_encryption_keys", "--json", stdout=out, stderr=io.StringIO())
    report = json.loads(out.getvalue())
    assert report["unreadable"] == [f"accounts.Tenant {lost.pk}"]
    assert report["rewritten"]["accounts.Tenant"] == 1


@pytest.fixture(autouse=True)
def forget_cached_keys(settings: Any) -> Any:
    yield
    _forget()


def _use_keys(settings: Any, keys: list[str]) -> None:
    settings.FERNET_KEYS = keys
    _forget()


def _forget() -> None:
    """The keys are cached on each field; a new process would have none."""
    from django.apps import apps

    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SecretTextField) or hasattr(field, "fernet"):
                for name in ("keys", "fernet_keys", "fernet"):
                    field.__dict__.pop(name, None)


def test_the_lookup_hash_is_keyed(settings: Any) -> None:
    first = lookup_hash("13800138000")
    settings.LOOKUP_KEY = "another"
    assert lookup_hash("13800138000") != first
    assert len(first) == 64
