"""The sandbox's control door as the demo uses it, over HTTP like anybody else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from config.kernel.http import OutsideError, Partner

# A filter that fits no parcel: counters and violations alone are wanted.
NOBODY = "-"


class SandboxDoor:
    """`/_control/` of the sandbox at `url`, for the system `cainiao`."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_control"
        self._partner = Partner("sandbox")

    def add_account(self, **fields: str) -> None:
        """Let an account be known."""
        self._ask("POST", "accounts", fields)

    def add_fault(self, fields: Mapping[str, Any]) -> None:
        """Have something go wrong, once."""
        self._ask("POST", "faults", fields)

    def unused_faults(self) -> list[str]:
        """Return the faults that have met nobody yet."""
        rows = self._ask("GET", "faults")["faults"]
        return [f"{row['on']} {row['kind']} {row['match']}" for row in rows]

    def state(self) -> dict[str, Any]:
        """Return `pending`, `violations` and `counters`."""
        return self._ask("GET", f"state?{urlencode({'system': 'cainiao', 'app_key': NOBODY})}")

    def _ask(
        self, method: str, verb: str, fields: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = None if fields is None else json.dumps({"system": "cainiao", **fields}).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        answer = self._partner.call(method, f"{self._url}/{verb}", data=body, headers=headers)
        told = json.loads(answer.body)
        if answer.status != 200 or not isinstance(told, dict):
            msg = f"沙箱拒绝了 {verb}：{told}"
            raise RuntimeError(msg)
        return told


def answers(partner: Partner, url: str) -> bool:
    """Whether something at `url` says that it is ready."""
    try:
        return partner.call("GET", url, deadline=2.0).status == 200
    except OutsideError:
        return False
