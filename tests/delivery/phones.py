"""A rider's program, and how its refusals are read."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.services.operators import issue_token
from delivery.models import Rider

DOOR = "/api/rider"


class Phone:
    """Sends JSON with a rider's token."""

    def __init__(self, rider: Rider | None = None, header: str = "Authorization") -> None:
        self.headers = {}
        if rider is not None:
            token = issue_token(user=rider.user).token
            self.headers = {header: token if header == "token" else f"Token {token}"}

    def send(self, method: str, path: str, data: Any = None) -> Any:
        body = b"" if data is None else json.dumps(data).encode()
        return Client().generic(
            method, f"{DOOR}{path}", body, "application/json", headers=self.headers
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, data: Any = None) -> Any:
        return self.send("POST", path, data)


def refusal(answer: Any) -> tuple[int, str]:
    """Status and slug."""
    return answer.status_code, answer.json()["error"]
