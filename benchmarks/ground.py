"""A platform of its own to measure on: durable MariaDB, production settings, 32 tenants."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from tests.mariadb import ROOT, private_server

TENANTS = 32
FREE_UNITS = 100_000_000


@dataclass(frozen=True, slots=True)
class Key:
    """A tenant's way in."""

    tenant_id: int
    code: str
    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What a case needs to know; `carrier_secret` signs callbacks."""

    keys: list[Key]
    account_id: int
    carrier_secret: str
    var: Path
    quick: bool


@contextlib.contextmanager
def prepared(*, quick: bool) -> Iterator[Ground]:
    """Bring the database and the settings, then the tables and the cast; undo it all."""
    var = Path(tempfile.mkdtemp(prefix="benchmarks-", dir=_folder()))
    try:
        with private_server(durable=True) as url:
            _set_environment(var, url)
            import django  # noqa: PLC0415 - the settings are read here

            django.setup()
            from django.core.management import call_command  # noqa: PLC0415

            call_command("migrate", verbosity=0, run_syncdb=True)
            call_command("collectstatic", verbosity=0, interactive=False)
            yield _seed(var, quick=quick)
    finally:
        shutil.rmtree(var, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


def _folder() -> Path:
    folder = ROOT / "var" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _set_environment(var: Path, url: str) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="benchmarks.settings",
        DATABASE_URL=url,
        VAR_DIR=str(var),
        ENV_FILE=os.devnull,
        DEBUG="0",
        SECRET_KEY=secrets.token_urlsafe(48),
        FERNET_KEYS=Fernet.generate_key().decode(),
        ALLOWED_HOSTS="127.0.0.1",
        SECURE_SSL_REDIRECT="0",
        OUTBOUND_ALLOW_LOOPBACK="1",
        SANDBOX_URL=f"http://127.0.0.1:{free_ports(1)[0]}",
        LOG_LEVEL="WARNING",
    )


def _seed(var: Path, *, quick: bool) -> Ground:
    from tests.factories import AccountFactory, QuotaFactory, RuleFactory, issue  # noqa: PLC0415

    RuleFactory()
    account = AccountFactory()
    keys = []
    for _ in range(TENANTS):
        tenant = QuotaFactory(monthly_free_quota=FREE_UNITS).tenant
        keys.append(Key(tenant.pk, tenant.platform_code, *issue(tenant)))
    return Ground(keys, account.pk, account.app_secret, var, quick)
