"""The demo touches nothing of yours: a folder of its own, an environment of its own, one at a time.

Whatever the shell or `.env` says of databases and brokers is left behind, so that no production
address can be met by accident.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

# What programs need to run at all. Everything else might be a setting of a real deployment's.
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TZ|LANG|LANGUAGE|LC_\w+|TERM|COLORTERM|COLUMNS|LINES"
    r"|NO_COLOR|FORCE_COLOR|VIRTUAL_ENV|(PYTHON|COV|LD_|DYLD_|XDG_)\w*"
)


class AlreadyPlaying(RuntimeError):
    """Another demo uses the folder; the text is for a person."""


def hold_folder(var: Path) -> Path:
    """Return `var/demo`, nobody else's until this process ends; what is in it stays.

    The lock outlives an exec: its file descriptor is left open on purpose.

    :raises AlreadyPlaying: another demo is running.
    """
    var.mkdir(parents=True, exist_ok=True)
    lock = os.open(var / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise AlreadyPlaying("另一个演示正在运行：请先在它的终端按 Ctrl-C。") from None
    os.set_inheritable(lock, True)
    return var / "demo"


def clear(folder: Path) -> None:
    """Forget the demo before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def own_environment(
    inherited: Mapping[str, str], *, folder: Path, port: int, sandbox_port: int
) -> dict[str, str]:
    """Return the environment that the demo and its programs run in."""
    kept = {name: value for name, value in inherited.items() if _KEPT.fullmatch(name)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "1",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'tonglu.sqlite3'}",
        "BROKER_URL": "filesystem://localhost//",
        "CACHE_URL": "locmemcache://tonglu",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        "OUTBOUND_ALLOW_LOOPBACK": "1",
        "LOG_LEVEL": "WARNING",
    }
