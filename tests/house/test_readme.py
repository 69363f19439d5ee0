"""What the README says is so: its shell function signs, its calls are answered, its names exist."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.core.management import get_commands
from pytest_django.live_server_helper import LiveServer

from accounts.authentication.signature import forget_cached_credentials
from accounts.models import Tenant
from logistics.models import ExpressOrder
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, issue
from tests.mariadb import ROOT

PAGES = {
    name: (ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
}
README = PAGES["README.md"]
SIGNING = (ROOT / "docs/signing.sh").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
VECTOR = "05604bf50d1c1bab92c45df8f525591fa59445c2d2ee7419ff5f7ef3d65b6027"
OURS = ("config", "accounts", "quotas", "logistics", "wallet", "delivery")


def shell(script: str, *, program: str = "bash", **environment: str) -> str:
    """What a script prints that knows the function and stops at the first failure."""
    run = subprocess.run(
        [program, "-euc", f". docs/signing.sh\n{script}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout


# --- signing --------------------------------------------------------------------------------------
@pytest.mark.parametrize("program", ["bash", "sh"])
def test_the_function_makes_the_published_signature(program: str) -> None:
    made = shell(
        "tonglu_sign POST /api/v1/express-orders 1771200000 n-1 '{}'",
        program=program,
        TONGLU_SECRET="sk_test",
    )
    assert made == f"{VECTOR}\n"


def test_the_readme_publishes_that_vector() -> None:
    (paragraph,) = re.findall(r"^.*To try it: .*?^    (\w{64})$", README, re.MULTILINE | re.DOTALL)
    assert paragraph == VECTOR
    for part in ("sk_test", "POST", "/api/v1/express-orders", "1771200000", "n-1", "{}"):
        assert f"`{part}`" in README


def test_the_readme_shows_the_function_as_it_is() -> None:
    assert SIGNING in BLOCKS


# --- the tour -------------------------------------------------------------------------------------
@pytest.fixture
def tenant() -> Tenant:
    AccountFactory()
    RuleFactory()
    return QuotaFactory().tenant


@pytest.fixture
def caller(live_server: LiveServer, tenant: Tenant) -> Iterator[dict[str, str]]:
    forget_cached_credentials()
    key, secret = issue(tenant)
    yield {"TONGLU_URL": live_server.url, "TONGLU_KEY": key, "TONGLU_SECRET": secret}
    forget_cached_credentials()


def status_of(script: str, caller: dict[str, str]) -> str:
    return shell(f"{script} --output /dev/null --write-out '%{{http_code}}'", **caller)


@pytest.mark.django_db(transaction=True)
def test_the_function_passes_the_signed_door(caller: dict[str, str]) -> None:
    assert status_of("tonglu GET /api/v1/quota ''", caller) == "200"
    assert status_of("tonglu GET '/api/v1/quota/statements?page_size=5&page=1' ''", caller) == "200"


@pytest.mark.django_db(transaction=True)
def test_a_wrong_secret_does_not(caller: dict[str, str]) -> None:
    caller["TONGLU_SECRET"] += "x"
    assert status_of("tonglu GET /api/v1/quota ''", caller) == "401"


@pytest.mark.django_db(transaction=True)
def test_the_tour_is_answered_as_it_says(
    caller: dict[str, str], tenant: Tenant, tmp_path: Path
) -> None:
    # curl reads this file by itself: each answer is followed by its status.
    (tmp_path / ".curlrc").write_text('write-out = "\\n%{http_code}\\n"\n')
    (tour,) = [block for block in BLOCKS if block.startswith("# Create.")]

    lines = shell(tour, **caller, CURL_HOME=str(tmp_path)).splitlines()

    assert lines[1::2] == ["201", "200", "200", "200", "200"]
    assert [json.loads(line)["code"] for line in lines[::2]] == [0] * 5
    order = ExpressOrder.objects.get(tenant=tenant)
    assert order.tenant_order_no == "A-1001"
    assert (order.status, order.cancel_reason) == ("cancelled", "客户改主意了")
    got = json.loads(lines[4])["data"]
    assert (got["order_no"], got["track_info"]) == (order.order_no, [])


# --- names ----------------------------------------------------------------------------------------
def our_commands() -> set[str]:
    return {name for name, app in get_commands().items() if str(app).partition(".")[0] in OURS}


def test_the_table_has_every_command_of_ours_and_no_other() -> None:
    section = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([a-z_]+)[^`]*` \|", section, re.MULTILINE)
    assert sorted(told) == sorted(our_commands())


def test_every_option_in_the_table_is_one_of_its_command() -> None:
    from django.core.management import load_command_class

    section = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    for name, row in re.findall(r"^\| `([a-z_]+)(.*)\|$", section, re.MULTILINE):
        parser = load_command_class(get_commands()[name], name).create_parser("", name)
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"--[a-z-]+", row)) <= known, name


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_exists(page: str) -> None:
    assert set(re.findall(r"manage\.py ([a-z_]+)", PAGES[page])) <= set(get_commands())


@pytest.mark.parametrize("page", PAGES)
def test_every_verb_named_is_in_the_makefile(page: str) -> None:
    verbs = set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = re.findall(r"(?:^    |`)make ((?:[a-z0-9-]+ ?)+)", PAGES[page], re.MULTILINE)
    assert {verb for line in lines for verb in line.split()} <= verbs


@pytest.mark.parametrize("page", PAGES)
def test_every_link_into_the_tree_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGES[page])
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_in_backticks_exists(page: str) -> None:
    paths = re.findall(
        r"`((?:config|accounts|quotas|logistics|fixtures|tests|docs)/[\w./-]*)`", PAGES[page]
    )
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_what_operators_read_is_what_the_console_says() -> None:
    texts = {entry.msgstr for entry in polib.pofile(
        str(ROOT / "config/locale/zh_Hans/LC_MESSAGES/django.po")
    )}  # fmt: skip
    told = set(re.findall(r"「(.+?)」", README))
    assert told
    assert told <= texts


def test_every_role_is_told() -> None:
    from accounts.states import Role

    for role in Role:
        assert f"`{role.value}` {role.label}" in README
