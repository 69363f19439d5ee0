"""What every test can count on."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import DirectoryBasedExampleDatabase

from config.kernel.keeping import Kept
from tests import emptying
from tests.mariadb import ROOT

# Constants and the like, beside the examples below: a clone stays clean.
set_hypothesis_home_dir(ROOT / "var" / "hypothesis")
hypothesis.settings.register_profile(
    "tonglu",
    # Where a clone stays clean, and where a failure found once is tried again first.
    database=DirectoryBasedExampleDatabase(ROOT / "var" / "hypothesis"),
    # Two cores shared with a database: slowness is the timeout's business, not an example's.
    deadline=None,
)
hypothesis.settings.load_profile("tonglu")


HERE = Path(__file__).parent
BY_NAME = {"proofs", "e2e"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the long proofs and the browser out unless they are asked for by their path."""
    if collection_path.parent != HERE or collection_path.name not in BY_NAME:
        return None
    asked = any(collection_path.name in str(argument) for argument in config.args)
    return None if asked else True


def pytest_configure() -> None:
    """Make passwords cheap: argon2 takes its tenth of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    emptying.install()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """What this process kept of a database was another test's."""
    Kept.forget_all()
