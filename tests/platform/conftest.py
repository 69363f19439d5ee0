"""Operators' programs at the platform door: one client per role, by token."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.services.operators import create_operator, issue_token
from tests.logistics.conftest import account, client, sandbox, tenant, work, world

__all__ = ["account", "client", "sandbox", "tenant", "work", "world"]

DOOR = "/api/platform/cainiao"
PASSWORD = "Chun-Jiang-Hua-Yue-7"


class Program:
    """Sends JSON with a token; `user` None: with none."""

    def __init__(self, user: Any = None) -> None:
        self.user = user
        self.http = Client()
        self.headers = {}
        if user is not None:
            self.headers = {"Authorization": f"Bearer {issue_token(user=user).token}"}

    def send(self, method: str, path: str, data: Any = None) -> Any:
        body = b"" if data is None else json.dumps(data).encode()
        return self.http.generic(
            method, f"{DOOR}{path}", body, "application/json", headers=self.headers
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, data: Any = None) -> Any:
        return self.send("POST", path, data)

    def put(self, path: str, data: Any) -> Any:
        return self.send("PUT", path, data)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)


def program_of(role: str) -> Program:
    """A new operator's program; "superuser" and "user" (no staff) are people too."""
    users: Any = get_user_model().objects
    if role == "superuser":
        return Program(users.create_superuser(username=role, password=PASSWORD))
    if role == "user":
        return Program(users.create_user(username=role, password=PASSWORD))
    user, _ = create_operator(username=role, role=role, password=PASSWORD)
    return Program(user)


@pytest.fixture
def program() -> Callable[[str], Program]:
    return program_of


@pytest.fixture
def admin() -> Program:
    return program_of("platform_admin")


def told(answer: Any, status: int = 200) -> Any:
    """The data of a success, or the slug of a refusal."""
    body = answer.json()
    assert answer.status_code == status, body
    return body["data"] if status == 200 else body["error"]
