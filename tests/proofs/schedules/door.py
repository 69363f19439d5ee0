"""A callback's way from the sandbox to our door, with a witness of what must leave no record."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from random import Random
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from logistics.models import CallbackRecord
from logistics.services.accounts import CHOICE_SECONDS
from tests.proofs.schedules.clock import Clock
from tests.proofs.schedules.trace import Broken, Trace

# Of what was once pushed this much is remembered, to be pushed again.
REMEMBERED = 40


class Door:
    """Delivers, checks signatures with code of its own, and remembers bodies to be sent again.

    `secrets`: the live account's, then those that are always believed.
    """

    def __init__(self, clock: Clock, trace: Trace, dice: Random, secrets: tuple[str, ...]) -> None:
        self._clock, self._trace, self._dice, self._secrets = clock, trace, dice, secrets
        self._http = Client()
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        #: For each content that was acknowledged, when it was taken in.
        self.taken: dict[str, float] = {}
        #: The live account is switched off: what it signs is not believed.
        self.live_off = False
        #: A process may keep for a moment what the switch was before.
        self.unsure_until = 0.0
        #: Chance that the answer of our door does not get through.
        self.deaf = 0.0

    def switch(self, *, off: bool) -> None:
        """The live account was switched on or off just now."""
        self.live_off, self.unsure_until = off, self._clock.seconds() + CHOICE_SECONDS

    def deliver(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self._clock.catch_up()
        content = dict(parse_qsl(body.decode("latin-1"), encoding="latin-1"))
        signed = content.get("logistics_interface", "").encode("latin-1")
        believed = self._secrets[1:] if self.live_off else self._secrets
        good = any(_digest(signed, s) == content.get("data_digest") for s in believed)
        records = CallbackRecord.objects.count()
        typed = {name.lower(): value for name, value in headers.items()}
        answer = self._http.generic("POST", urlsplit(url).path, body, typed["content-type"])
        grown = CallbackRecord.objects.count() - records
        said = "in" if good else "not believed"
        self._trace.count(f"callback {said}")
        self._trace.say(self._clock.seconds(), f"callback {said}: {answer.status_code} {grown:+}")
        sure = self._clock.seconds() >= self.unsure_until
        if (
            (sure and good != (answer.status_code == 200))
            or (sure and not good and grown)
            or grown > 1
        ):
            raise Broken(f"a callback ({said}) was answered {answer.status_code}, records {grown}")
        if answer.status_code == 200:
            key = hashlib.sha256(signed).hexdigest()
            if grown != (key not in self.taken):
                raise Broken("the same callback twice is one record, another one is its own")
            self.taken.setdefault(key, self._clock.seconds())
            self._remember((url, body, dict(headers)))
            if self._dice.random() < self.deaf:
                self._trace.count("callback answer lost")
                return 502, b"<html>Bad Gateway</html>"
        return answer.status_code, answer.content

    def _remember(self, what: tuple[str, bytes, dict[str, str]]) -> None:
        if len(self.sent) < REMEMBERED:
            self.sent.append(what)
        else:
            self.sent[self._dice.randrange(REMEMBERED)] = what


def _digest(signed: bytes, secret: str) -> str:
    return base64.b64encode(hashlib.md5(signed + secret.encode()).digest()).decode()
