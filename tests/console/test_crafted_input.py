"""What nobody types but anybody may send to a list or a page is refused or ignored, never a 500."""

from __future__ import annotations

import pytest
from django.contrib.admin.sites import site
from django.db.models import Model
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
MODELS = sorted(site._registry, key=lambda model: model._meta.label)
HUGE = "9" * 40
VALUES = ["(", HUGE, f"-{HUGE}", "x", "", "\x00", "1,2", "٣", "None", "1.5"]
COLUMNS = ("id", "order_id", "tenant", "is_test")
ENDINGS = ("", "__in", "__isnull", "__gt", "__nosuch", "__range", "__regex", "__year", "__contains")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_list_takes_any_query(admin_client: Client, model: type[Model]) -> None:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    names = {f"{name}{ending}" for name in COLUMNS for ending in ENDINGS}
    names |= {field.attname for field in model._meta.concrete_fields}
    for name in sorted(names):
        for value in (HUGE, "(") if "__" in name else (HUGE,):
            answer = admin_client.get(url, {name: value})
            assert answer.status_code in {200, 302, 400}, (name, value)
    for name in ("p", "o", "q", "all", "_to_field"):
        for value in VALUES[:6]:
            answer = admin_client.get(url, {name: value})
            assert answer.status_code in {200, 302, 400}, (name, value)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_page_and_an_action_take_any_key(admin_client: Client, model: type[Model]) -> None:
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    for value in (*VALUES[:3], "1,2", "_5F", "1/2"):
        for verb in ("change", "history", "delete"):
            answer = admin_client.get(reverse(f"{base}_{verb}", args=[value]))
            assert answer.status_code in {302, 403, 404}, (verb, value)
    actions = site._registry[model].actions or []
    names = [getattr(action, "__name__", action) for action in actions]
    for name in ("nosuch", *names):
        for value in VALUES:
            answer = admin_client.post(
                reverse(f"{base}_changelist"), {"action": name, "_selected_action": [value, "1"]}
            )
            assert answer.status_code in {200, 302, 400, 403}, (name, value)
