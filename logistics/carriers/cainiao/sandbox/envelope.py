"""A form post becomes a message only when its envelope is whole and its signature is right.

Digests are over the bytes of the form's values; text is decoded after they are proven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

from logistics.carriers.cainiao.sandbox import notation
from logistics.carriers.cainiao.sandbox.accounts import Account
from logistics.carriers.cainiao.sandbox.refusals import bad_format, bad_signature
from logistics.carriers.cainiao.sandbox.signatures import envelope_sign, link_digest, same

LINK_FIELDS = ("msg_type", "logistics_interface", "data_digest", "logistic_provider_id")
SIGNED_FIELDS = (
    "app_key",
    "method",
    "timestamp",
    "format",
    "v",
    "sign_method",
    "logistics_interface",
    "sign",
)
FORM_TYPE = "application/x-www-form-urlencoded"
BEIJING = timezone(timedelta(hours=8))
TOLERANCE = timedelta(minutes=10)
MOST_FIELDS = 32

FindAccount = Callable[[str], Account | None]


@dataclass(frozen=True)
class Message:
    """A question whose sender is proven."""

    account: Account
    name: str
    content: Mapping[str, object]
    xml: bool


def open_envelope(
    *, method: str, content_type: str, body: bytes, find_account: FindAccount, now: datetime
) -> Message:
    """Return the message or raise Refusal (S01 cannot be read, S02 not proven).

    `now` is the real time, not the world's: a caller's clock knows nothing of a journey's speed.
    """
    if method != "POST":
        raise bad_format("only POST")
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise bad_format(f"Content-Type must be {FORM_TYPE}")
    form = _read_form(body)
    if "sign" in form or "sign_method" in form:
        name, account = _prove_signed(form, find_account, now)
    else:
        name, account = _prove_link(form, find_account)
    content = form["logistics_interface"]
    try:
        return Message(account, name, notation.read(content), notation.looks_like_xml(content))
    except ValueError as error:
        raise bad_format(f"logistics_interface {error}") from error


def _read_form(body: bytes) -> dict[str, bytes]:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="latin-1",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise bad_format("the form cannot be read") from error
    form: dict[str, bytes] = {}
    for name, value in pairs:
        if not name.isascii():
            raise bad_format("a field's name is not ASCII")
        if name in form:
            raise bad_format(f"{name[:32]} is there twice")
        form[name] = value.encode("latin-1")
    return form


def _require(form: Mapping[str, bytes], names: tuple[str, ...]) -> None:
    for name in names:
        if not form.get(name):
            raise bad_format(f"{name} is missing")


def _text(form: Mapping[str, bytes], name: str) -> str:
    try:
        return form[name].decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_format(f"{name} is not UTF-8") from error


def _prove_link(form: Mapping[str, bytes], find_account: FindAccount) -> tuple[str, Account]:
    _require(form, LINK_FIELDS)
    account = find_account(_text(form, "logistic_provider_id"))
    if account is None or account.sign_method != "link":
        raise bad_signature()
    expected = link_digest(form["logistics_interface"], account.app_secret)
    if not same(form["data_digest"], expected):
        raise bad_signature()
    return _text(form, "msg_type"), account


def _prove_signed(
    form: Mapping[str, bytes], find_account: FindAccount, now: datetime
) -> tuple[str, Account]:
    if "data_digest" in form:
        raise bad_format("one envelope at a time")
    _require(form, SIGNED_FIELDS)
    account = find_account(_text(form, "app_key"))
    if account is None or account.sign_method != _text(form, "sign_method"):
        raise bad_signature()
    signed = {name: value for name, value in form.items() if name != "sign"}
    if not same(form["sign"], envelope_sign(signed, account.app_secret, account.sign_method)):
        raise bad_signature()
    if form["format"] != b"json" or form["v"] not in (b"1.0", b"2.0"):
        raise bad_format("format must be json, v 1.0 or 2.0")
    if notation.looks_like_xml(form["logistics_interface"]):
        raise bad_format("format says json, logistics_interface does not")
    _check_time(_text(form, "timestamp"), now)
    return _text(form, "method"), account


def _check_time(said: str, now: datetime) -> None:
    try:
        moment = datetime.strptime(said, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        if len(said) != len("YYYY-MM-DD HH:MM:SS"):
            raise ValueError(said)
    except ValueError as error:
        raise bad_format("timestamp must be YYYY-MM-DD HH:MM:SS") from error
    if abs(moment - now) > TOLERANCE:
        raise bad_signature("timestamp is more than 10 minutes away")
