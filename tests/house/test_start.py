"""How the platform starts: nothing set is development; DEBUG off refuses without its keys."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

KEYS = {"SECRET_KEY": "k" * 60, "FERNET_KEYS": "f" * 43, "ALLOWED_HOSTS": "tonglu.example.com"}


def check(tmp_path: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *(args or ("check",))],
        cwd=settings.BASE_DIR,
        env={**inherited, "VAR_DIR": str(tmp_path / "var"), "ENV_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_nothing_set_it_starts_and_makes_its_keys_once(tmp_path: Path) -> None:
    assert check(tmp_path).returncode == 0
    keys = (tmp_path / "var" / ".env").read_text()
    assert "SECRET_KEY=" in keys
    assert check(tmp_path).returncode == 0
    assert (tmp_path / "var" / ".env").read_text() == keys


@pytest.mark.parametrize("missing", KEYS)
def test_debug_off_refuses_and_names_what_is_missing(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in KEYS.items() if name != missing}
    refused = check(tmp_path, DEBUG="0", **given)
    assert refused.returncode != 0
    assert missing in refused.stderr.splitlines()[-1]
    assert not (tmp_path / "var" / ".env").exists()


def test_debug_off_reads_nothing_under_var(tmp_path: Path) -> None:
    check(tmp_path)
    refused = check(tmp_path, DEBUG="0", ALLOWED_HOSTS="tonglu.example.com")
    assert "SECRET_KEY" in refused.stderr.splitlines()[-1]


def test_the_environment_wins_over_any_file(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("SANDBOX_URL=http://127.0.0.1:1\nPUBLIC_BASE_URL=http://from.file\n")
    shown = check(
        tmp_path, "shell", "-v0", "-c",
        "from django.conf import settings as s; print(s.SANDBOX_URL, s.PUBLIC_BASE_URL)",
        ENV_FILE=str(file), SANDBOX_URL="http://127.0.0.1:2",
    )  # fmt: skip
    assert shown.stdout.split() == ["http://127.0.0.1:2", "http://from.file"], shown.stderr


def test_production_settings_pass_djangos_deployment_checks(tmp_path: Path) -> None:
    done = check(tmp_path, "check", "--deploy", "--fail-level", "WARNING", DEBUG="0",
                 **{**KEYS, "SECRET_KEY": "aB3$" * 20 + "xyz-0123456789"})  # fmt: skip
    assert done.returncode == 0, done.stderr
