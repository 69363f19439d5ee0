"""Passwords tried at one moment are counted by Redis as they are by a process's own memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.accounts.test_tries_at_once import (  # noqa: F401 - tried here on another cache
    test_a_burst_has_no_more_tries_than_one_after_another,
    test_refused_and_right_ones_leave_no_count,
)
from tests.redis import private_redis

pytestmark = [pytest.mark.engine("mariadb"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def counted(settings: Any) -> Iterator[None]:
    with private_redis() as path:
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": f"unix://{path}"}}
        yield
