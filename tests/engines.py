"""Chooses the database engine before the settings load, and keeps the developer's own set-up out.

A pytest plugin (`-p tests.engines`): `--engine sqlite|mariadb`, or ENGINE in the environment.
MariaDB is the server that TEST_DATABASE_URL names, else a private one for this run.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import mariadb

ENGINES = ("sqlite", "mariadb")
# What programs need to run at all. Everything else might be a setting of the developer's, and a
# list of those would be one adapter behind.
KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|LANG|LANGUAGE|LC_\w+|TERM|COLUMNS|LINES|CI"
    r"|NO_COLOR|FORCE_COLOR|PY_COLORS|VIRTUAL_ENV|(PYTHON|PYTEST|HYPOTHESIS|COV|LD_|XDG_)\w*"
)
_banner = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--engine`."""
    parser.addoption(
        "--engine",
        choices=ENGINES,
        default=os.environ.get("ENGINE") or "sqlite",
        help="database engine that the suite runs on (default: sqlite)",
    )


@pytest.hookimpl(wrapper=True)  # around pytest-django's own, which loads the settings
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Replace the environment by the tests' own; everything made here is undone at the end."""
    engine = early_config.known_args_namespace.engine
    if engine not in ENGINES:
        raise pytest.UsageError(f"ENGINE: one of {', '.join(ENGINES)}, not {engine}")
    asked = os.environ.get("TEST_DATABASE_URL", "")
    cleanup = contextlib.ExitStack()
    early_config.add_cleanup(cleanup.close)

    (mariadb.ROOT / "var" / "tests").mkdir(parents=True, exist_ok=True)
    var = Path(tempfile.mkdtemp(dir=mariadb.ROOT / "var" / "tests"))
    cleanup.callback(shutil.rmtree, var, ignore_errors=True)
    if engine == "sqlite":
        url = f"sqlite:///{var / 'tonglu.sqlite3'}"
        early_config.stash[_banner] = f"SQLite {sqlite3.sqlite_version}"
    else:
        lack = mariadb.missing(own_server=not asked)
        if lack:
            raise pytest.UsageError(f"no MariaDB to test on: {lack}")
        url = asked or cleanup.enter_context(mariadb.private_server())
        whose = "TEST_DATABASE_URL" if asked else "private server"
        early_config.stash[_banner] = f"{mariadb.version(_address(url))} ({whose})"
    _replace_environment(var, url)
    if engine == "mariadb":
        # The processes of `-n` share one server, each with a database of its own.
        os.environ["TEST_DATABASE_URL"] = url
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "engine(name): runs on that engine only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other engine alone can show."""
    chosen = config.getoption("engine")
    other = [
        item
        for item in items
        if (only := item.get_closest_marker("engine")) and chosen not in only.args
    ]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if item not in other]


def pytest_report_header(config: pytest.Config) -> str:
    """Name the engine that the numbers below are about."""
    return f"database: {config.stash[_banner]}"


def _replace_environment(var: Path, url: str) -> None:
    for name in [name for name in os.environ if not KEPT.fullmatch(name)]:
        del os.environ[name]
    os.environ.update(
        DEBUG="1",  # as in development; Django's own flag is off in tests all the same
        SECRET_KEY="only-for-tests-" + "k" * 50,
        FERNET_KEYS=base64.urlsafe_b64encode(b"thirty-two bytes, only for tests").decode(),
        DATABASE_URL=url,
        VAR_DIR=str(var),
        ENV_FILE=os.devnull,
    )


def _address(url: str) -> str | tuple[str, int]:
    parts = urlsplit(url)
    sockets = parse_qs(parts.query).get("unix_socket")
    return sockets[0] if sockets else (parts.hostname or "127.0.0.1", parts.port or 3306)
