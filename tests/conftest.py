"""What every test can count on."""

from __future__ import annotations

import hypothesis
from django.conf import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.mariadb import ROOT

hypothesis.settings.register_profile(
    "tonglu",
    # Where a clone stays clean, and where a failure found once is tried again first.
    database=DirectoryBasedExampleDatabase(ROOT / "var" / "hypothesis"),
    # Two cores shared with a database: slowness is the timeout's business, not an example's.
    deadline=None,
)
hypothesis.settings.load_profile("tonglu")


def pytest_configure() -> None:
    """Make passwords cheap: argon2 takes its tenth of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
