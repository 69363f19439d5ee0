"""Two operators save one form at one moment: one wins, the other is told; real threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.services.operators import create_operator
from logistics.models import CainiaoAccount
from quotas.models import TenantQuota
from tests.console.test_accounts_page import FIELDS
from tests.factories import QuotaFactory, TenantFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, MANY = 5, 4
SETTINGS = {"overage_price": "0.00", "quota_reset_day": 1}


@pytest.fixture
def consoles() -> list[Client]:
    found = []
    for number in range(MANY):
        user, _ = create_operator(
            username=f"chief{number}", role="platform_admin", password="Operator-pass-1"
        )
        found.append(Client())
        found[-1].force_login(user)
    return found


def test_of_several_who_change_one_setting_at_once_one_does(consoles: list[Client]) -> None:
    for turn in range(ROUNDS):
        quota = QuotaFactory(monthly_free_quota=100)
        url = reverse("admin:quotas_tenantquota_change", args=[quota.pk])
        posts: list[Callable[[], Any]] = [
            partial(
                console.post,
                url,
                {
                    **SETTINGS,
                    "monthly_free_quota": 200 + number,
                    "initial-monthly_free_quota": 100,
                    "initial-overage_price": "0.00",
                    "initial-quota_reset_day": 1,
                },
            )
            for number, console in enumerate(consoles)
        ]
        answers = race(posts)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302], turn
        quota.refresh_from_db()
        assert quota.monthly_free_quota >= 200
        assert LogEntry.objects.filter(object_id=str(quota.pk)).count() == 1


def test_of_several_who_give_a_tenant_its_quota_one_does(consoles: list[Client]) -> None:
    for _ in range(ROUNDS):
        tenant = TenantFactory()
        LogEntry.objects.all().delete()
        answers = race(
            [
                partial(
                    console.post,
                    reverse("admin:quotas_tenantquota_add"),
                    {**SETTINGS, "tenant": tenant.pk, "monthly_free_quota": 200 + number},
                )
                for number, console in enumerate(consoles)
            ]
        )
        assert {answer.status_code for answer in answers} <= {200, 302}
        quota = TenantQuota.objects.get(tenant=tenant)
        entry = LogEntry.objects.get()
        assert str(quota.monthly_free_quota) in entry.change_message


def test_of_several_who_set_the_account_up_one_does(consoles: list[Client]) -> None:
    for _ in range(ROUNDS):
        CainiaoAccount.objects.all().delete()
        LogEntry.objects.all().delete()
        answers = race(
            [
                partial(
                    console.post,
                    reverse("admin:logistics_cainiaoaccount_add"),
                    {**FIELDS, "app_key": f"key-{number}", "app_secret": f"s-{number}"},
                )
                for number, console in enumerate(consoles)
            ]
        )
        assert {answer.status_code for answer in answers} <= {200, 302}
        account = CainiaoAccount.objects.get()
        assert LogEntry.objects.count() == 1
        assert account.app_secret == account.app_key.replace("key", "s")
