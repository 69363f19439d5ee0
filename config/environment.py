"""Where a setting comes from: the environment first, then `.env`, then (in development) `var/.env`.

The first start without any key writes `var/.env` with random ones, beside the database they
belong to. With DEBUG off nothing under `var/` is read and a missing key refuses to start.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()
REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "FERNET_KEYS", "ALLOWED_HOSTS")

env = environ.Env()


def load() -> bool:
    """Fill `os.environ` from the files that apply; return DEBUG."""
    env_file = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
    if env_file.is_file():
        environ.Env.read_env(env_file, overwrite=False)
    debug = bool(env.bool("DEBUG", default=True))
    if debug:
        _ensure_development_keys()
        environ.Env.read_env(VAR_DIR / ".env", overwrite=False)
    else:
        missing = [name for name in REQUIRED_IN_PRODUCTION if not os.environ.get(name)]
        if missing:
            msg = f"DEBUG is off and these settings are missing: {', '.join(missing)}"
            raise ImproperlyConfigured(msg)
    return debug


def _ensure_development_keys() -> None:
    """Write `var/.env` once; of several first starts at a time, one file wins whole."""
    path = VAR_DIR / ".env"
    if path.exists():
        return
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # No `$` may begin a value: django-environ would take it as a variable's name.
    lines = [
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
        f"FERNET_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
    ]
    draft = VAR_DIR / f".env.{os.getpid()}.{secrets.token_hex(4)}"
    draft.touch(mode=0o600)
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(default: str) -> dict[str, object]:
    """Return Django's DATABASES entry for DATABASE_URL, with the options each engine needs."""
    url = os.environ.get("DATABASE_URL") or default
    entry: dict[str, object] = dict(environ.Env.db_url_config(url))
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        name = str(entry["NAME"])
        if name != ":memory:" and not Path(name).is_absolute():
            entry["NAME"] = str(BASE_DIR / name)
        Path(str(entry["NAME"])).parent.mkdir(parents=True, exist_ok=True)
        entry["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        }
        # A file, not memory: threads and other processes of a test must see it.
        entry["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
    elif entry["ENGINE"] == "django.db.backends.mysql":
        entry["ENGINE"] = "config.kernel.mysql"
        options = dict(entry.get("OPTIONS") or {})  # type: ignore[call-overload]
        entry["OPTIONS"] = {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            "connect_timeout": 5,
            "init_command": "SET SESSION sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,"
            "ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
            **options,
        }
        entry["TEST"] = {
            "CHARSET": "utf8mb4",
            "COLLATION": os.environ.get("DATABASE_COLLATION", "utf8mb4_nopad_bin"),
        }
        entry["CONN_MAX_AGE"] = 60
        entry["CONN_HEALTH_CHECKS"] = True
    return entry
