"""Every page runs under `default-src 'self'`; language is chosen; pages that are no model's."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.services.operators import create_operator
from config.kernel import audit
from logistics.models import OrderImport
from tests.console.rows import make_call, make_callback, make_order
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, TenantFactory

pytestmark = pytest.mark.django_db


class Inline(HTMLParser):
    """Notes what the policy would block, and every static file a page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[str] = []
        self.files: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (tag == "script" and "src" not in given) or tag == "style":
            self.blocked.append(f"<{tag}>")
        for name, value in given.items():
            if name == "style" or name.startswith("on"):
                self.blocked.append(f"{tag} {name}")
            text = value or ""
            if name in {"href", "src", "action"} and text.startswith(("javascript:", "data:")):
                self.blocked.append(f"{tag} {name}={text[:20]}")
            if name in {"href", "src"} and text.startswith("/static/"):
                self.files.add(text.removeprefix("/static/"))


def read(text: str) -> Inline:
    parser = Inline()
    parser.feed(text)
    return parser


@pytest.fixture
def furnished(admin_user: object) -> None:
    quota = QuotaFactory(monthly_used=95)
    AccountFactory()
    RuleFactory()
    order = make_order(status="exception", tenant=quota.tenant)
    make_callback()
    make_call(ago=timedelta(hours=1))
    audit.record(user=admin_user, row=order, what="继续处理", why="x")


def addresses(browser: Client) -> list[str]:
    """The home page, each list, the page to add to it and those of one of its rows."""
    found = ["/admin/", reverse("admin:password_change"), reverse("admin:due_work")]
    found += [reverse("admin:operator_tokens"), reverse("admin:app_list", args=["logistics"])]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        row = model._default_manager.first()
        if row is not None:
            pages = ("change", "history", "delete")
            found += [reverse(f"{name}_{page}", args=[row.pk]) for page in pages]
    return found


@pytest.mark.usefixtures("furnished")
def test_no_page_has_anything_the_policy_would_block(admin_client: Client) -> None:
    opened = 0
    for address in addresses(admin_client):
        page = admin_client.get(address)
        assert page.status_code in {200, 403}, address
        assert page["Content-Security-Policy"].startswith("default-src 'self';")
        if page.status_code == 200:
            opened += 1
            seen = read(page.content.decode())
            assert not seen.blocked, (address, seen.blocked)
            assert not [name for name in seen.files if not finders.find(name)], address
    assert opened > 30


def test_the_login_page_has_nothing_the_policy_would_block() -> None:
    page = Client().get("/admin/login/")
    assert not read(page.content.decode()).blocked


def test_a_person_chooses_the_language_and_stays_where_he_was(admin_client: Client) -> None:
    here = reverse("admin:quotas_tenantquota_changelist") + "?status__exact=suspended"
    chinese = admin_client.get(here).content.decode()
    assert 'name="language" value="en"' in chinese
    assert f'name="next" value="{here}"' in chinese
    answer = admin_client.post(reverse("set_language"), {"language": "en", "next": here})
    assert (answer.status_code, answer["Location"]) == (302, here)
    english = admin_client.get(here).content.decode()
    assert "Company management" in english
    assert "公司管理" not in english


def test_due_work_says_how_much_and_since_when(admin_client: Client) -> None:
    now = timezone.now()
    late = make_order(due_at=now - timedelta(minutes=7), attempts=3)
    make_order(due_at=now + timedelta(minutes=7))
    make_order(due_at=now + timedelta(seconds=30), lease_token="x" * 32)
    make_order(due_at=None, lease_token="y" * 32)  # closed since, its worker killed
    waiting = make_callback(due_at=now - timedelta(minutes=1))
    stuck = OrderImport.objects.create(
        tenant=TenantFactory(), filename="a.csv", created_at=now, due_at=now - timedelta(hours=1)
    )
    page = admin_client.get(reverse("admin:due_work"))
    orders, callbacks, imports, servers, deliveries = page.context["kinds"]
    assert (orders["late"], orders["in_hand"], orders["later"]) == ("1", "1", "2")
    assert [(one["row"].pk, one["minutes"]) for one in orders["oldest"]] == [(late.pk, 7)]
    assert [one["row"].pk for one in callbacks["oldest"]] == [waiting.pk]
    assert [(one["row"].pk, one["minutes"]) for one in imports["oldest"]] == [(stuck.pk, 60)]
    assert (servers["late"], deliveries["late"]) == ("0", "0")
    for kind in (orders, callbacks, imports):
        assert admin_client.get(kind["oldest"][0]["url"]).status_code == 200


def test_operators_tokens_are_listed_and_none_can_be_used_from_there(admin_client: Client) -> None:
    _, issued = create_operator(
        username="wang", role="operations", password="long-enough-9", with_token=True
    )
    assert issued is not None
    text = admin_client.get(reverse("admin:operator_tokens")).content.decode()
    assert "wang" in text
    assert issued.token not in text
    assert re.search(r"<code>\w{8,}</code>", text)
