"""Programs' doors skip what only browsers need, and nothing else."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from config.kernel.api.direct import DIRECT

pytestmark = pytest.mark.django_db
SHORT = "config.kernel.api.direct.DirectDoorsMiddleware"
LAST = "config.kernel.api.direct.ViewsMiddleware"
PATHS = ("/api/v1/quota", "/api/external/order/status", "/api/rider/me")


def test_one_stands_before_what_browsers_need_and_the_other_last() -> None:
    before = settings.MIDDLEWARE[: settings.MIDDLEWARE.index(SHORT)]
    assert settings.MIDDLEWARE[-1] == LAST
    for needed in ("RequestId", "Health", "Security", "TrailingSlash", "ContentPolicy"):
        assert any(needed in name for name in before), needed


@pytest.mark.parametrize("path", PATHS)
def test_a_door_answers_as_ever_without_a_session(path: str) -> None:
    assert path.startswith(DIRECT)
    client = Client()
    client.cookies["sessionid"] = "anything"
    with translation.override("en"):
        answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert answer.json()["code"]
    assert answer["Content-Language"] == "zh-hans"
    assert int(answer["Content-Length"]) == len(answer.content)
    assert answer["X-Request-ID"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies


@pytest.mark.parametrize("path", [*PATHS, "/api/platform/cainiao/config"])
def test_a_host_that_is_not_ours_is_refused_at_every_door(path: str) -> None:
    answer = Client().get(path, headers={"Host": "evil.example.com"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "malformed"


def test_a_door_with_a_slash_is_the_same_door() -> None:
    assert Client().get("/api/v1/quota/").json() == Client().get("/api/v1/quota").json()
