"""`/_control/`: how a person or a test steers the world. JSON in, JSON out, loopback only.

GET    state?system=S[&...]     what a system knows
GET    faults                   faults still waiting
POST   faults                   {system, on, kind, times, after, match, delay_s, errorCode, …}
DELETE faults[?id=N]            forget one or all
POST   step                     {seconds}: manual clock only; answers with what was sent
POST   reset                    forget everything but the first accounts
POST   accounts|push|hold|release|journeys   {system, ...}: done by the system
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from config.sandbox.faults import CALLBACK, CALLBACK_KINDS, REQUEST_KINDS
from config.sandbox.server import is_loopback

if TYPE_CHECKING:
    from config.sandbox.world import System, World

FAULT_FIELDS = frozenset(
    {"system", "on", "kind", "times", "after", "match", "delay_s", "errorCode", "errorMsg"}
)
SYSTEM_VERBS = frozenset({"accounts", "push", "hold", "release", "journeys"})


class NoSuchCommand(ValueError):
    """There is no such thing to do."""


def is_local(environ: WSGIEnvironment) -> bool:
    """Say whether a request comes from this machine and names this machine.

    The Host header is looked at too: a web page could point its own name at 127.0.0.1.
    """
    named = urlsplit(f"//{environ.get('HTTP_HOST') or 'localhost'}").hostname or ""
    return is_loopback(str(environ.get("REMOTE_ADDR", ""))) and is_loopback(named)


def answer_json(
    start_response: StartResponse, status: str, content: Mapping[str, object]
) -> Iterable[bytes]:
    """Send a JSON object."""
    body = json.dumps(content, ensure_ascii=False, default=str).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


class Control:
    """Translates requests to the world's and the systems' methods."""

    def __init__(self, world: World) -> None:
        """Steer this world."""
        self._world = world

    def __call__(
        self, verb: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request; what cannot be done is 400 with a sentence."""
        # Browsers name the page that a request comes from; no page has any business here.
        if environ.get("HTTP_ORIGIN"):
            return answer_json(start_response, "403 Forbidden", {"error": "not for browsers"})
        method = str(environ["REQUEST_METHOD"])
        try:
            if method == "POST":
                fields = _json_object(environ["wsgi.input"].read())
            else:
                fields = dict(parse_qsl(str(environ.get("QUERY_STRING", ""))))
            done = self.run(method, verb, fields)
        except NoSuchCommand as error:
            return answer_json(start_response, "404 Not Found", {"error": str(error)})
        except ValueError as error:
            return answer_json(start_response, "400 Bad Request", {"error": str(error)})
        return answer_json(start_response, "200 OK", done)

    def run(self, method: str, verb: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Do one thing; raise ValueError with a sentence."""
        world = self._world
        if method == "POST" and verb in SYSTEM_VERBS:
            rest = {name: value for name, value in fields.items() if name != "system"}
            return self._system(fields).control(verb, rest)
        match method, verb:
            case "GET", "state":
                filters = {name: str(value) for name, value in fields.items() if name != "system"}
                return {
                    "now": world.now().isoformat(),
                    "manual": world.clock.manual,
                    "pending": world.schedule.pending(),
                    **self._system(fields).state(filters),
                }
            case "GET", "faults":
                return {"faults": world.faults.rows()}
            case "POST", "faults":
                return {"id": self._add_fault(fields)}
            case "DELETE", "faults":
                fault_id = _whole(fields, "id", None)
                return {"removed": world.faults.remove(fault_id)}
            case "POST", "step":
                return self._step(_number(fields, "seconds") or 0.0)
            case "POST", "reset":
                world.reset()
                return {"reset": True}
        msg = f"there is no {method} /_control/{verb}"
        raise NoSuchCommand(msg)

    def _step(self, seconds: float) -> Mapping[str, object]:
        before = len(self._world.sender.journal())
        self._world.schedule.step(seconds)
        sent = self._world.sender.journal(before)
        return {"now": self._world.now().isoformat(), "sent": sent}

    def _system(self, fields: Mapping[str, object]) -> System:
        systems = self._world.systems
        name = str(fields.get("system") or "")
        if not name and len(systems) == 1:
            return next(iter(systems.values()))
        if name not in systems:
            msg = f"system must be one of: {', '.join(sorted(systems))}"
            raise ValueError(msg)
        return systems[name]

    def _add_fault(self, fields: Mapping[str, object]) -> int:
        if unknown := set(fields) - FAULT_FIELDS:
            msg = f"unknown fields: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        system = self._system(fields)
        point, kind = str(fields.get("on") or ""), str(fields.get("kind") or "")
        kinds = (
            CALLBACK_KINDS | system.callback_faults
            if point == CALLBACK
            else REQUEST_KINDS | system.request_faults
        )
        if not point or kind not in kinds:
            msg = f"`on` is required and kind must be one of: {', '.join(sorted(kinds))}"
            raise ValueError(msg)
        times = _whole(fields, "times", 1)
        if times == 0:
            msg = "times must be at least 1, or null for every time"
            raise ValueError(msg)
        match = fields.get("match") or {}
        if not isinstance(match, Mapping):
            msg = "match must be an object"
            raise ValueError(msg)
        fault = self._world.faults.add(
            system=system.name,
            on=point,
            kind=kind,
            times=times,
            after=_whole(fields, "after", 0) or 0,
            match={str(name): str(value) for name, value in match.items()},
            delay_s=_number(fields, "delay_s"),
            error_code=str(fields.get("errorCode") or ""),
            error_msg=str(fields.get("errorMsg") or ""),
        )
        return fault.id


def _json_object(body: bytes) -> dict[str, object]:
    content = json.loads(body or b"{}")
    if not isinstance(content, dict):
        msg = "the body must be a JSON object"
        raise ValueError(msg)
    return content


def _whole(fields: Mapping[str, object], name: str, default: int | None) -> int | None:
    value = fields.get(name, default)
    if isinstance(value, str) and value.isdigit():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    msg = f"{name} must be a whole number"
    raise ValueError(msg)


def _number(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    msg = f"{name} must be a number"
    raise ValueError(msg)
