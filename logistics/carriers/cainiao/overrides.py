"""What an account's JSON columns say is checked whole before a call is made with it.

Maps are merged into the defaults key by key, null removes a key; lists take the place of the
default one, an empty list is the default. Nothing here looks at the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from logistics.carriers.cainiao import fields, sources, statuses, tables
from logistics.carriers.cainiao.tables import Source

_MESSAGE_NAME = re.compile(r"[\x21-\x7e]{1,100}")
_LONGEST_CODE = 50
T = TypeVar("T")


class BadAccount(ValueError):
    """An account that no call can be made with; `column` names what must be changed."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(f"{column}: {problem}")
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Message:
    """A call's name on the wire and where it is routed to; no name: the account lacks the call."""

    name: str
    to_code: str = ""


def messages(given: object) -> dict[str, Message]:
    """The names of all calls; a value is a name, or `{"name": …, "to_code": …}`.

    :raises BadAccount: unknown call, not a name, or a call that every account must have.
    """
    column = "message_names"
    named = {
        kind: Message(name, tables.TO_CODES.get(kind, "")) for kind, name in tables.NAMES.items()
    }
    for kind, value in _object(column, given).items():
        _require_known(column, kind, named)
        parts = value if isinstance(value, Mapping) else {"name": value}
        if unknown := set(parts) - {"name", "to_code"}:
            raise BadAccount(column, f"{kind}：没有 {_shown(unknown)} 这一项")
        name = parts.get("name", named[kind].name) or ""
        to_code = parts.get("to_code", named[kind].to_code) or ""
        if not name and kind not in tables.OPTIONAL:
            raise BadAccount(column, f"{kind}：任何账号都不能没有这个调用")
        for text in (name, to_code):
            if text and not (isinstance(text, str) and _MESSAGE_NAME.fullmatch(text)):
                raise BadAccount(column, f"{kind}：应为 1 到 100 个字母、数字或符号")
        named[kind] = Message(name, to_code)
    return named


def questions(given: object) -> dict[str, dict[str, Source]]:
    """The question tables of all calls.

    :raises BadAccount: unknown call or source, a path that is none or excludes another.
    """
    column = "question_fields"
    merged = _tables(column, given, tables.QUESTIONS, _is_source)
    for kind, table in merged.items():
        known = sources.KNOWN[kind]
        for path, source in table.items():
            if not fields.is_path(path):
                raise BadAccount(column, f"{kind}：{path!r:.80} 不是报文路径")
            name = fields.source_name(source)
            if name is not None and name not in known:
                raise BadAccount(column, f"{kind}：没有 {name!r:.80} 这个取值来源")
        try:
            fields.build(table, dict.fromkeys(known, "x"))
        except ValueError as exc:
            raise BadAccount(column, f"{kind}：{exc}") from None
    return merged


def answers(given: object) -> dict[str, dict[str, str]]:
    """The answer tables of all calls, and of callbacks.

    :raises BadAccount: unknown call or name, or a path that is none.
    """
    column = "answer_fields"
    merged = _tables(column, given, tables.ANSWERS, fields.is_path)
    for kind, table in merged.items():
        for name in table:
            _require_known(f"{column}: {kind}", name, tables.ANSWERS[kind])
    return merged


def status_map(given: object) -> dict[str, str]:
    """The status map.

    :raises BadAccount: a state that is none of the ten.
    """
    column = "status_map"
    changes = _object(column, given)
    for code, state in changes.items():
        if not code or len(code) > _LONGEST_CODE:
            raise BadAccount(column, f"状态码应为 1 到 {_LONGEST_CODE} 个字符")
        if state is not None and state not in statuses.OURS:
            raise BadAccount(column, f"{code}：只能是 {'、'.join(statuses.OURS)} 或 null")
    return _merged(statuses.STATUS_MAP, changes)


def codes(column: str, given: object, default: Collection[str]) -> frozenset[str]:
    """A list of error codes; none or an empty one is the default.

    :raises BadAccount: not a list of codes.
    """
    if given is None or given == []:
        return frozenset(default)
    if not isinstance(given, list | tuple | set | frozenset):
        raise BadAccount(column, "应为错误码的列表")
    texts = [str(code) if isinstance(code, int) else code for code in given]
    if not all(isinstance(text, str) and 0 < len(text) <= _LONGEST_CODE for text in texts):
        raise BadAccount(column, f"错误码应为 1 到 {_LONGEST_CODE} 个字符的文本")
    return frozenset(texts)


def _tables(
    column: str,
    given: object,
    defaults: Mapping[str, Mapping[str, T]],
    is_good: Callable[[object], bool],
) -> dict[str, dict[str, T]]:
    merged = {kind: dict(table) for kind, table in defaults.items()}
    for kind, changes in _object(column, given).items():
        _require_known(column, kind, merged)
        checked = _object(f"{column}: {kind}", changes)
        for key, value in checked.items():
            if value is not None and not is_good(value):
                raise BadAccount(column, f"{kind}：{key} 不能是 {value!r:.80}")
        merged[kind] = _merged(merged[kind], checked)
    return merged


def _merged(default: Mapping[str, T], changes: Mapping[str, Any]) -> dict[str, T]:
    return {key: value for key, value in {**default, **changes}.items() if value is not None}


def _object(column: str, given: object) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise BadAccount(column, "应为 JSON 对象")
    return dict(given)


def _is_source(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value != "")


def _require_known(column: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise BadAccount(column, f"没有 {name!r:.80}；可用：{_shown(known)}")


def _shown(names: Collection[str]) -> str:
    return "、".join(sorted(str(name) for name in names))
