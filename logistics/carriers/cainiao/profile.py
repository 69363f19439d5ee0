"""A profile is all an account says, checked; a client made of one has nothing left to guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from logistics.carriers.cainiao import overrides, tables
from logistics.carriers.cainiao.fields import leaf, source_name
from logistics.carriers.cainiao.overrides import BadAccount, Message
from logistics.carriers.cainiao.tables import Source

ENDPOINT: Final = "https://link.cainiao.com/gateway/link.do"
#: Cainiao's own gateways (protocols/carriers.md 1.1); only what saves an account looks at this.
KNOWN_HOSTS: Final = frozenset(
    {
        "link.cainiao.com",
        "prelink.cainiao.com",
        "linkdaily.tbsandbox.com",
        "shidclink.cainiao.com",
    }
)
SIGN_METHODS: Final = ("link", "md5", "hmac")
NOT_FOUND: Final = frozenset({"ORDER_NOT_FOUND"})

_LEVELS = frozenset({"province", "city", "district"})
# The kernel knows these names and masks their values so that two can still be told apart.
_MASKED_ANYWAY = frozenset({"name", "mobile", "phone", "town", "detail"}) | {
    "branchPhone",
    "courierName",
    "courierPhone",
}
_PERSONAL_ANSWERS = frozenset({"town", "detail", "courier_name", "courier_phone"})


@dataclass(frozen=True)
class Profile:
    """One account.

    `provider_id` is `logistic_provider_id`: a resource code, the app key, or a merchant's
    authorisation token (protocols/carriers.md 1.1), so it may be a secret too.
    """

    app_key: str
    app_secret: str = field(repr=False)
    endpoint_url: str = ENDPOINT
    sign_method: str = "link"
    provider_id: str = field(default="", repr=False)
    callback_secret: str = field(default="", repr=False)
    waybill_at_order: bool = False
    messages: Mapping[str, Message] = field(
        default_factory=lambda: overrides.messages(None), repr=False
    )
    questions: Mapping[str, Mapping[str, Source]] = field(
        default_factory=lambda: tables.QUESTIONS, repr=False
    )
    answers: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: tables.ANSWERS, repr=False
    )
    status_map: Mapping[str, str] = field(
        default_factory=lambda: overrides.status_map(None), repr=False
    )
    retry_codes: frozenset[str] = frozenset()
    not_found_codes: frozenset[str] = NOT_FOUND

    @classmethod
    def from_account(
        cls,
        *,
        app_key: str,
        app_secret: str,
        endpoint_url: str | None = None,
        sign_method: str | None = None,
        provider_id: str | None = None,
        callback_secret: str | None = None,
        waybill_at_order: bool = False,
        message_names: Any = None,
        question_fields: Any = None,
        answer_fields: Any = None,
        status_map: Any = None,
        retry_codes: Any = None,
        not_found_codes: Any = None,
    ) -> Profile:
        """The profile of an account's columns; an empty one stands for its default.

        :raises BadAccount: a ValueError that names the column and what is wrong with it.
        """
        for column, value in (("app_key", app_key), ("app_secret", app_secret)):
            if not value:
                raise BadAccount(column, "不能为空")
        url = endpoint_url or ENDPOINT
        _require_url(url)
        method = sign_method or "link"
        if method not in SIGN_METHODS:
            raise BadAccount("sign_method", f"只能是 {'、'.join(SIGN_METHODS)}")
        return cls(
            app_key=app_key,
            app_secret=app_secret,
            endpoint_url=url,
            sign_method=method,
            provider_id=provider_id or app_key,
            callback_secret=callback_secret or "",
            waybill_at_order=waybill_at_order,
            messages=overrides.messages(message_names),
            questions=overrides.questions(question_fields),
            answers=overrides.answers(answer_fields),
            status_map=overrides.status_map(status_map),
            retry_codes=overrides.codes("retry_codes", retry_codes, ()),
            not_found_codes=overrides.codes("not_found_codes", not_found_codes, NOT_FOUND),
        )

    @property
    def signing_secret(self) -> str:
        """What callbacks of this account are signed with."""
        return self.callback_secret or self.app_secret

    def hidden_fields(self, kind: str) -> frozenset[str]:
        """Names of fields that the kernel's masking cannot know for what they are.

        An account may send a name under any key, and a literal it adds may be a token. A text to
        be parsed is hidden whole: it may begin with anything, the receiver's name included.
        """
        hidden = {"logistic_provider_id"} if self.provider_id != self.app_key else set()
        for path, source in self.questions[kind].items():
            name = source_name(source)
            if name is None:
                secret = tables.QUESTIONS[kind].get(path) != source
            elif name in ("text", "remark", "reason"):
                secret = True
            elif name == "provider_id":
                secret = self.provider_id != self.app_key
            else:
                secret = _is_personal(name) and leaf(path) not in _MASKED_ANYWAY
            if secret:
                hidden.add(leaf(path))
        for name, path in self.answers[kind].items():
            if name in _PERSONAL_ANSWERS and leaf(path) not in _MASKED_ANYWAY:
                hidden.add(leaf(path))
        if kind in (tables.PARSE_ADDRESS, tables.PARSE_LEVELS):
            hidden.add(leaf(self.answers[kind].get("detail", "detail")))
        return frozenset(hidden)


def _is_personal(source: str) -> bool:
    who, dot, field_name = source.partition(".")
    return bool(dot) and who in ("sender", "receiver") and field_name not in _LEVELS


def _require_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise BadAccount("endpoint_url", "应为 http 或 https 地址")
