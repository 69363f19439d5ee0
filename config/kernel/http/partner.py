"""One outside system: every call to it ends by its deadline, as an answer or as a classified error.

Adapters own one Partner for as long as the process lives and share it between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self
from urllib.parse import urlencode

import requests
from urllib3.exceptions import HTTPError

from config.kernel.http.budget import AddressAllowed, Budget, spending
from config.kernel.http.guard import forbid_in_transaction
from config.kernel.http.outcomes import (
    Answer,
    CallRecord,
    Forbidden,
    ForbiddenTarget,
    NoAnswer,
    NotSent,
    Outcome,
    OutsideError,
)
from config.kernel.http.reading import read_whole
from config.kernel.http.session import new_session
from config.kernel.masking import mask_body, mask_text, mask_url
from config.kernel.text import clip

Body = bytes | str | Mapping[str, str] | None
_DETAIL = 500
_FORM = "application/x-www-form-urlencoded"


class Partner:
    """The way out to the system called `name`. Safe to use from many threads at once.

    `deadline` bounds a whole call, from the name's resolution to the answer's last byte;
    `connect_timeout` its part until the TLS handshake is done. `max_bytes` bounds the answer, as
    sent and decoded. `allow(url)` is asked before each call and forbids one by raising
    ValueError; `address_allowed(host, address)` of each address before it is connected to, and one
    that is not forbids the call. `ca_file` is for partners under a private certificate authority;
    `hosts` is how many hosts' idle connections are kept, where a partner is many (default:
    `pool_size`).
    """

    def __init__(
        self,
        name: str,
        *,
        connect_timeout: float = 3.0,
        deadline: float = 10.0,
        max_bytes: int = 1_048_576,
        pool_size: int = 32,
        allow: Callable[[str], None] | None = None,
        address_allowed: AddressAllowed | None = None,
        ca_file: str | None = None,
        hosts: int | None = None,
    ) -> None:
        self.name = name
        self.connect_timeout = connect_timeout
        self.deadline = deadline
        self.max_bytes = max_bytes
        self.allow = allow
        self.address_allowed = address_allowed
        self._session = new_session(pool_size, ca_file, hosts)

    def call(
        self,
        method: str,
        url: str,
        *,
        data: Body = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Send one request, once, and return the whole answer, whatever its status (3xx too).

        Text is sent as UTF-8, a mapping as a form, bytes as they are. Never repeats anything.

        :raises NotSent: provably nothing was handed over, a malformed URL included; `Forbidden`
            where it may not be called at all.
        :raises NoAnswer: it may have been handled.
        :raises OutsideCallInTransaction: a defect of the caller.
        """
        forbid_in_transaction()
        budget = Budget(deadline or self.deadline, self.connect_timeout, self.address_allowed)
        with spending(budget):
            try:
                return self._exchange(budget, method, url, data, headers or {})
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise self._classified(budget, error) from error
            except Exception as error:
                # A defect before sending is a defect; after it, the outcome is unknown all the
                # same, and saying so matters more.
                if not budget.sent:
                    raise
                raise self._classified(budget, error) from error

    def call_recorded(
        self,
        method: str,
        url: str,
        *,
        data: Body = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        mask: frozenset[str] = frozenset(),
    ) -> tuple[Answer | OutsideError, CallRecord]:
        """`call`, with its error returned, and the record for the thread that writes the log.

        `mask` names further fields (any style) of bodies that the record must hide.
        """
        started_at, began = datetime.now(UTC), monotonic()
        result: Answer | OutsideError
        try:
            result = self.call(method, url, data=data, headers=headers, deadline=deadline)
        except OutsideError as error:
            result = error
        duration_ms = round((monotonic() - began) * 1000)
        answer = result if isinstance(result, Answer) else None
        content_type = answer.headers.get("Content-Type", "") if answer else ""
        record = CallRecord(
            partner=self.name,
            method=method,
            url=mask_url(url),
            request_text=_request_text(data, headers or {}, mask),
            response_text=mask_body(answer.body, content_type=content_type, extra=mask)
            if answer
            else "",
            status=answer.status if answer else None,
            started_at=started_at,
            # Not a second reading of the clock on the wall, which may be set meanwhile.
            finished_at=started_at + timedelta(milliseconds=duration_ms),
            duration_ms=duration_ms,
            outcome=result.outcome if isinstance(result, OutsideError) else Outcome.DONE,
            error_detail=result.detail if isinstance(result, OutsideError) else "",
        )
        return result, record

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(
        self, budget: Budget, method: str, url: str, data: Body, headers: Mapping[str, str]
    ) -> Answer:
        if self.allow is not None:
            self.allow(url)
        response = self._session.request(
            method,
            url,
            data=_encoded(data),
            headers=_typed(data, headers),
            stream=True,
            allow_redirects=False,
        )
        with response:
            if not budget.sent:
                # A farewell ("408, you were idle") met us on a connection that took nothing.
                msg = "the connection was closed before the request"
                raise ConnectionError(msg)
            body = read_whole(response, self.max_bytes)
        return Answer(response.status_code, response.headers, body, budget.elapsed_ms())

    def _classified(self, budget: Budget, error: Exception) -> OutsideError:
        kind: type[OutsideError] = NoAnswer if budget.sent else NotSent
        phase = "after sending" if budget.sent else "before sending"
        cause = _cause(error)
        if isinstance(cause, ForbiddenTarget):
            kind = Forbidden
        detail = mask_text(clip(f"{type(cause).__name__}: {cause}", _DETAIL))
        timed_out = isinstance(cause, TimeoutError)
        return kind(f"{self.name}, {phase}: {detail}", timed_out=timed_out)


def _cause(error: BaseException) -> BaseException:
    """What happened, without the libraries' wrapping of it."""
    while type(error).__module__.partition(".")[0] in ("requests", "urllib3"):
        inner = error.__cause__ or error.__context__
        if inner is None:
            break
        error = inner
    return error


def _encoded(data: Body) -> bytes | None:
    if isinstance(data, Mapping):
        return urlencode(data).encode()
    return data.encode() if isinstance(data, str) else data


def _typed(data: Body, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, a form's media type among them unless the caller named another."""
    named = any(key.lower() == "content-type" for key in headers)
    if isinstance(data, Mapping) and not named:
        return {**headers, "Content-Type": f"{_FORM};charset=UTF-8"}
    return dict(headers)


def _request_text(data: Body, headers: Mapping[str, str], mask: frozenset[str]) -> str:
    typed = {key.lower(): value for key, value in _typed(data, headers).items()}
    try:
        body = _encoded(data) or b""
    except UnicodeEncodeError:
        return "<text that has no bytes>"
    return mask_body(body, content_type=typed.get("content-type", ""), extra=mask)
