"""Free text, well formed or not, is shown without phones, card numbers, tokens and named secrets.

Exception texts, answers nobody can parse, status lines of carriers: one scan from left to right
finds URLs, tags, `key: value` pairs in any quoting and bare numbers, and masks what they hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from config.kernel.masking.keys import ADDRESS_LABELS, NAME_LABELS, Kind, folded, kind_of
from config.kernel.masking.urls import PATH_TOKEN, mask_query, mask_url
from config.kernel.masking.values import (
    HIDDEN,
    MASKED_PHONE,
    PHONE,
    mask_address,
    mask_name,
    mask_number,
    mask_phone,
    mask_secret,
    narrow,
)

Extra = frozenset[str]
MASKS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.SECRET: mask_secret,
    Kind.PHONE: mask_phone,
    Kind.NAME: mask_name,
    Kind.ADDRESS: mask_address,
}
_ROUNDS = 5

_DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ALONE = r"(?<![A-Za-z\d])(?<!\d\.)"
_CARD = (
    rf"{_ALONE}(?:[1-8]\d{{5}}(?:18|19|20)\d\d{_DATE}\d{{3}}[\dXx]"
    rf"|[1-8]\d{{7}}{_DATE}\d{{3}}|[3-6]\d{{14,18}}"
    r"|[3-6]\d{3}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?)(?![A-Za-z\d])"
)
_LABELS = "|".join((*NAME_LABELS, *ADDRESS_LABELS))
# Every alternative is anchored or bounded: a megabyte of gibberish must cost linear time.
_FOUND = re.compile(
    "|".join(
        (
            r"(?P<pem>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}-----|\Z))",
            r"(?P<url>(?<![A-Za-z\d+.-])[A-Za-z][A-Za-z\d+.-]{0,19}://[^\s\"'<>\\^`{|}\uff0c\u3002\uff1b\uff09\u3011]+)",
            r"(?P<query>\?[\w.\[\]%-]{1,64}=[^\s\"'<>)]*)",
            r"(?P<blob>(?<![\w+/=-])[A-Za-z\d+/=_-]{200,})",
            r"(?P<encoded>(?:%[\dA-Fa-f]{2}[\w.~+*-]*){3,})",
            r"(?P<jwt>(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]+){1,2})",
            r"(?P<prefixed>(?<![A-Za-z\d])(?:sk|rk|whsec)_[\w+/=-]{8,})",
            rf"(?P<segment>{PATH_TOKEN})",
            r"(?P<scheme>\b(?:Bearer|Basic|Token|Digest) {1,3}(?=\S{0,200}\d)[\w.~+/=-]{6,})",
            r"(?P<email>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})",
            r"(?P<tag><(?P<tagname>(?!\d)[\w:.-]{1,64})(?P<attributes>\s[^<>]{0,200})?>)",
            rf"(?P<label>(?:{_LABELS})\s{{0,3}}[:=\uff1a\uff1d\u3010\[(\uff08]\s{{0,3}})",
            r"(?P<pair>(?<![\w.-])(?P<key>\w[\w.-]{0,63})\]?\\{0,8}[\"']?\s{0,3}(?:=>|[:=\uff1a\uff1d])\s{0,3})",
            rf"(?P<phone>{PHONE})",
            rf"(?P<card>{_CARD})",
        )
    ),
    re.DOTALL,
)
# "请联系13800138000：张三": what stands before a colon need not be a key.
_IN_KEY = re.compile(rf"(?P<phone>{PHONE})|{_CARD}")
# As JSON and repr() quote, and as a string within a string is quoted; else up to the line's end.
_QUOTED = re.compile(
    r"(?P<open>\"|')(?P<value>(?:(?!(?P=open))[^\\]|\\.){0,4000})(?P=open)"
    r"|(?P<escaped>\\{1,8}[\"'])(?P<inner>(?:(?!(?P=escaped)).){0,4000})(?P=escaped)"
    r"|\\{0,8}[\"'](?P<rest>[^\r\n]*)",
    re.DOTALL,
)
# Where a clause ends, in either script.
_ENDS = r",;&\"'<>|()\[\]{}\uff0c\uff1b\u3002\u3010\u3011\uff08\uff09"
_BARE = re.compile(rf"[^\s{_ENDS}]+")
_PROSE = re.compile(rf"[^\r\n{_ENDS}]*[^\s{_ENDS}]")
_HAN = re.compile(r"[\u3400-\u9fff·]{1,20}\*{0,3}")
_LINE = re.compile(r"[^\r\n]+")
_GROUP = re.compile(r"[\[{][^\]}]*")
_EMPTY = re.compile(r"(?:None|null|true|false|True|False)\b")
_PLAIN_ID = re.compile(r"\\{0,8}[\"']?[\w.-]{1,64}(?![\w.-])", re.ASCII)
_CONTENT = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|[^<]*", re.DOTALL)
_TELEPHONE = re.compile(f"{PHONE}|{MASKED_PHONE}")
# What every alternative above needs one of: most strings of a message have none.
_SUSPECT = re.compile(r"[\d:=\uff1a\uff1d?<@%/_\u3010\[(\uff08]|[\w+=-]{200}|eyJ|-----")
# "No: 138..." is the tail of "Contact No", so a lone word does not make a number an identifier.
_LONE = frozenset(("id", "ids", "no", "nos", "code", "codes", "number", "numbers", "num", "sn"))


def mask_text(text: str, *, extra: Extra = frozenset()) -> str:
    """`text` as it may be logged; values under the keys in `extra` are hidden like secrets."""
    text = narrow(text)
    if not _SUSPECT.search(text):
        return text
    secrets = frozenset(folded(key) for key in extra)
    return settled(lambda once: _scan(once, secrets), text)


def settled(mask: Callable[[str], str], text: str) -> str:
    """Apply `mask` until nothing changes: so masking is idempotent whatever the text.

    One round does for real texts. What keeps changing was made to, and is hidden whole.
    """
    for _ in range(_ROUNDS):
        masked = mask(text)
        if masked == text:
            return text
        text = masked
    return HIDDEN


def kind_under(key: str, extra: Extra) -> Kind:
    """The kind of the value under `key`; `extra` holds folded names of further secrets."""
    return Kind.SECRET if extra and folded(key) in extra else kind_of(key)


def _scan(text: str, extra: Extra) -> str:
    done: list[str] = []
    at = 0
    while match := _FOUND.search(text, at):
        done.append(text[at : match.start()])
        shown, at = _shown(match, text, extra)
        done.append(shown)
    done.append(text[at:])
    return "".join(done)


def _shown(match: re.Match[str], text: str, extra: Extra) -> tuple[str, int]:
    """What to show for a find, and where to read on."""
    found, end = match.group(), match.end()
    match match.lastgroup:
        case "label":
            kind = Kind.ADDRESS if found.startswith(ADDRESS_LABELS) else Kind.NAME
            return _pair(found, text, end, kind)
        case "pair":
            kind = kind_under(match["key"], extra)
            found = _IN_KEY.sub(_number_shown, found)
            if kind is Kind.IDENTIFIER and folded(match["key"]) not in _LONE:
                value = _PLAIN_ID.match(text, end)
                return found + (value.group() if value else ""), value.end() if value else end
            return _pair(found, text, end, kind)
        case "tag":
            return _tag(match, text, extra)
        case name:
            return _ALONE_SHOWN.get(name or "", mask_secret)(found), end


def _number_shown(match: re.Match[str]) -> str:
    return mask_number(match.group()) if match["phone"] else HIDDEN


_ALONE_SHOWN: Final[dict[str, Callable[[str], str]]] = {
    "url": mask_url,
    "phone": mask_number,
    "query": lambda found: f"?{mask_query(found[1:])}",
    "scheme": lambda found: f"{found.partition(' ')[0]} {HIDDEN}",
    "email": lambda found: f"{found[0]}{HIDDEN}@{found.rpartition('@')[2]}",
}


def _pair(opening: str, text: str, at: int, kind: Kind) -> tuple[str, int]:
    """A key and, if its kind is to be masked, the value that follows, quoted or not."""
    if kind not in MASKS or _EMPTY.match(text, at):
        return opening, at
    if quoted := _QUOTED.match(text, at):
        quote = quoted["open"] or quoted["escaped"] or ""
        inside = quoted["value"] or quoted["inner"] or quoted["rest"] or ""
        shown = MASKS[kind](inside) if inside else ""
        return f"{opening}{quote}{shown}{quote}", quoted.end()
    value = _unquoted(opening, text, at, kind)
    if value is None:
        return opening, at
    return opening + MASKS[kind](value.group()), value.end()


def _unquoted(opening: str, text: str, at: int, kind: Kind) -> re.Match[str] | None:
    """How far an unquoted value reaches depends on what it is."""
    key = opening.lower()
    prose = not {"=", "\uff1d"} & set(opening)
    match kind:
        case Kind.SECRET if "authorization" in key or "cookie" in key:
            return _LINE.match(text, at)
        case Kind.SECRET:
            return _GROUP.match(text, at) or _BARE.match(text, at)
        case Kind.PHONE:
            return _TELEPHONE.match(text, at) or _BARE.match(text, at)
        case Kind.NAME if han := _HAN.match(text, at):
            return han
        case _:
            return (_PROSE if prose else _BARE).match(text, at)


def _tag(match: re.Match[str], text: str, extra: Extra) -> tuple[str, int]:
    """`<phone>…</phone>`: the content of a telling tag is masked; else read on behind its name."""
    kind = kind_under(match["tagname"], extra)
    name = _IN_KEY.sub(_number_shown, match["tagname"])
    if kind not in MASKS:
        return f"<{name}", match.start() + 1 + len(match["tagname"])
    content = _CONTENT.match(text, match.end())
    inside = content.group() if content else ""
    bare = inside.removeprefix("<![CDATA[").removesuffix("]]>").strip()
    attributes = _scan(match["attributes"] or "", extra)
    shown = f"<{name}{attributes}>" + (MASKS[kind](bare) if bare else inside)
    return shown, match.end() + len(inside)
