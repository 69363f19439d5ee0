"""The demo's files say what they are for, and a plain `loaddata demo` is enough to start with."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Tenant
from config.demo.ground import AlreadyPlaying, clear, hold_folder, own_environment
from config.demo.scenario import (
    CALLBACK,
    ORDERS,
    REFUSED,
    Expectation,
    Fate,
    differences,
    load_expectations,
)
from config.sandbox.faults import CALLBACK_KINDS, REQUEST_KINDS
from logistics.carriers.cainiao.sandbox import CainiaoSandbox
from logistics.carriers.cainiao.sandbox.journeys import ending_in
from logistics.divisions import Ambiguous, Unparsable, parse
from logistics.models import CainiaoAccount, ExpressRule
from logistics.services.booking import book_order
from logistics.services.importing import Row, read_rows
from logistics.states import OrderStatus
from quotas.queries import find_discrepancies, quota_as_of

SECRETS = {"app_secret": "platform_cainiao_config", "callback_secret": "accounts_tenant"}


@pytest.fixture(scope="module")
def rows() -> dict[int, Row]:
    return {row.line: row for row in read_rows(ORDERS.read_bytes())}


@pytest.fixture(scope="module")
def expected() -> list[Expectation]:
    return load_expectations()


@pytest.mark.django_db
def test_the_fixture_alone_gives_tenant_quota_account_and_rule() -> None:
    for _ in range(2):
        call_command("loaddata", "demo", verbosity=0)
        tenant = Tenant.objects.get(platform_code="demo")
        account = CainiaoAccount.objects.get()
        assert (account.mode, account.status) == ("live", "enabled")
        assert account.endpoint_url == f"{settings.SANDBOX_URL}/cainiao/gateway/link.do"
        assert ExpressRule.objects.get().is_default
        assert quota_as_of(tenant_id=tenant.pk, at=timezone.now()).free_left == 100


@pytest.mark.django_db
@pytest.mark.parametrize("column", SECRETS)
def test_what_the_fixture_writes_plainly_is_stored_encrypted(column: str) -> None:
    call_command("loaddata", "demo", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {SECRETS[column]}")
        stored = bytes(cursor.fetchone()[0])
    model = CainiaoAccount if column == "app_secret" else Tenant
    assert getattr(model.objects.get(), column).encode() not in stored
    assert stored.startswith(b"gAAAA")


@pytest.mark.django_db(transaction=True)
def test_a_parcel_can_be_booked_on_the_fixture_and_the_books_close(rows: dict[int, Row]) -> None:
    call_command("loaddata", "demo", verbosity=0)
    tenant = Tenant.objects.get()
    draft = rows[2].draft
    assert draft
    at = timezone.now()
    assert book_order(draft=draft, tenant_id=tenant.pk, at=at).created
    quota = quota_as_of(tenant_id=tenant.pk, at=at)
    assert quota.monthly_used == 1
    # However old the fixture is, the open period is the present one.
    assert quota.period_start <= timezone.localdate(at) < quota.period_end
    assert quota.period_end - quota.period_start < timedelta(days=32)
    assert list(find_discrepancies()) == []


def test_every_line_has_an_expectation_of_its_own(
    rows: dict[int, Row], expected: list[Expectation]
) -> None:
    assert [one.line for one in expected] == sorted(rows)
    assert len(rows) >= 40
    for one in expected:
        draft = rows[one.line].draft
        assert one.shows
        assert draft is None or draft.tenant_order_no == one.number
    ends = Counter(one.end for one in expected)
    assert ends["signed"] + ends["rejected"] >= 36
    assert set(ends) <= {REFUSED, *OrderStatus.values}


def test_reading_refuses_exactly_the_lines_that_are_plainly_wrong(
    rows: dict[int, Row], expected: list[Expectation]
) -> None:
    read = {
        line: Fate(
            REFUSED if row.errors else "read",
            "".join(text for texts in row.errors.values() for text in texts),
            tuple(sorted(row.errors)),
        )
        for line, row in rows.items()
    }
    wrong = [one for one in expected if one.end == REFUSED]
    assert len(wrong) >= 5
    assert differences(wrong, {one.line: read[one.line] for one in wrong}) == []
    assert {line for line, fate in read.items() if fate.end == REFUSED} == {
        one.line for one in wrong
    }


def test_an_address_is_unclear_where_the_parcel_is_to_stop_for_it(
    rows: dict[int, Row], expected: list[Expectation]
) -> None:
    unclear = set()
    for line, row in rows.items():
        if row.draft and not row.draft.receiver_province:
            try:
                parse(row.draft.receiver_address)
            except (Ambiguous, Unparsable):
                unclear.add(line)
    assert len(unclear) >= 3
    assert unclear == {
        one.line for one in expected if "地址不明确" in one.says or "请补充省市区" in one.says
    }


def test_the_remarks_ask_for_the_journeys_that_are_expected(
    rows: dict[int, Row], expected: list[Expectation]
) -> None:
    wished = {
        one.end: ending_in([draft.remark])
        for one in expected
        if (draft := rows[one.line].draft) and ending_in([draft.remark])
    }
    assert set(wished) >= {"signed", "rejected", "exception"}
    asked = {ending_in([row.draft.remark]) for row in rows.values() if row.draft}
    assert asked >= {"rejected", "exception", "returned", "cancelled", "station", "reweighed"}


def test_the_faults_are_ones_the_sandbox_knows(
    rows: dict[int, Row], expected: list[Expectation]
) -> None:
    faults = {one.line: one.fault for one in expected if one.fault}
    kinds = {fault.kind for fault in faults.values()}
    assert kinds >= {"refuse", "duplicate", "reorder", "accept_then_timeout"}
    for line, fault in faults.items():
        draft = rows[line].draft
        assert draft
        if fault.on == CALLBACK:
            assert fault.kind in CALLBACK_KINDS | CainiaoSandbox.callback_faults
        else:
            assert fault.kind in REQUEST_KINDS | CainiaoSandbox.request_faults
            # Our number is not known yet: what names the request must name one line only.
            names = {"goodsName": "goods_name", "cpCode": "cp_code"}
            meant = [
                row.line
                for row in rows.values()
                if row.draft
                and all(getattr(row.draft, names[k]) == v for k, v in fault.match.items())
            ]
            assert meant == [line]


def test_a_line_that_ends_otherwise_is_named() -> None:
    one = Expectation(7, "A-1", "看点", "exception", says="地址")
    assert differences([one], {7: Fate("exception", "收件地址无法识别")}) == []
    for fate in (Fate("signed"), Fate("exception", "别的原因"), Fate(REFUSED, "", ("x",))):
        (told,) = differences([one], {7: fate})
        assert told.startswith("第 7 行（A-1，看点）：应为 exception")
    assert differences([one], {}) != []
    assert "第 8 行" in differences([], {8: Fate("signed")})[0]


def test_nothing_of_a_deployment_reaches_the_demo(tmp_path: Path) -> None:
    deployment = {
        "PATH": "/bin", "DATABASE_URL": "mysql://live/db", "BROKER_URL": "redis://live",
        "SECRET_KEY": "k", "FERNET_KEYS": "f", "DEBUG": "0", "SOME_ADAPTERS_KEY": "s",
        "ENV_FILE": "/etc/tonglu.env", "TRUSTED_PROXIES": "10.0.0.0/8",
    }  # fmt: skip
    own = own_environment(deployment, folder=tmp_path, port=1, sandbox_port=2)
    assert {name for name in own if own[name] == deployment.get(name)} == {"PATH"}
    assert not {"SECRET_KEY", "FERNET_KEYS", "SOME_ADAPTERS_KEY", "TRUSTED_PROXIES"} & set(own)
    assert own["DATABASE_URL"] == f"sqlite:///{tmp_path}/tonglu.sqlite3"
    assert own["ENV_FILE"] == os.devnull


def test_two_demos_never_share_the_folder_and_each_begins_empty(tmp_path: Path) -> None:
    folder = hold_folder(tmp_path)
    with pytest.raises(AlreadyPlaying, match="另一个演示正在运行"):
        hold_folder(tmp_path)
    for _ in range(2):
        clear(folder)
        assert list(folder.iterdir()) == []
        (folder / "left over").touch()
