"""Phones are found inside pasted text and cut out of it, in a form `config.kernel.phones` takes."""

from __future__ import annotations

import re

from config.kernel.phones import is_phone, squeeze
from logistics.divisions.cleaning import half_width
from logistics.divisions.labels import PHONE_MARK

_COUNTRY = r"(?P<country>\(?(?:\+|00)?86\)?[ -]?)?"
# A house number behind a dash is no extension: 13800138000-969号.
_EXTENSION = (
    r"(?: ?(?:-|#|转|轉|ext\.?|分机号?)[: ]?(?P<{0}>\d{{1,6}})(?![\d号栋幢楼室单元弄巷-]))?"
)
_FORMS = re.compile(
    r"(?<![\d*])(?:"
    rf"{_COUNTRY}(?P<mobile>1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}){_EXTENSION.format('virtual')}"
    r"|(?:\(?(?:\+|00)?86\)?[ -]?)?\(?(?P<area>0\d{2,3})\)?[ -]?(?P<local>[2-9]\d{2,3}[ -]?\d{4})"
    rf"{_EXTENSION.format('inner')}"
    r"|(?P<service>[48]00-?\d{3}-?\d{4})"
    r"|(?P<abroad>\+(?!86)\d{1,3}(?:[ -]?\d{2,5}){2,5})"
    r")(?![\d*])",
    re.IGNORECASE | re.ASCII,
)
_MASKED = re.compile(r"(?<![\d*])\+?\d{2,5}[*xX]{3,8}\d{2,4}(?![\d*])")
_LABELLED = re.compile(r"\s{0,3}\+?\d[\d() -]{3,18}\d(?!\d)")


def cut_phones(text: str) -> tuple[tuple[str, ...], str]:
    """The different numbers in the text, and the text with a mark where each stood."""
    found: dict[str, None] = {}
    flat = half_width(text)
    kept, at = [], 0
    for match in _FORMS.finditer(flat):
        number = _plain(match)
        if is_phone(number):
            found[number] = None
            kept += [text[at : match.start()], PHONE_MARK]
            at = match.end()
    return tuple(found), "".join((*kept, text[at:]))


def cut_masked(text: str) -> tuple[tuple[str, ...], str]:
    """Numbers that a shop showed with stars, and the text without them."""
    flat = half_width(text)
    found = tuple(match.group() for match in _MASKED.finditer(flat))
    kept, at = [], 0
    for match in _MASKED.finditer(flat):
        kept += [text[at : match.start()], PHONE_MARK]
        at = match.end()
    return found, "".join((*kept, text[at:]))


def labelled_phone(text: str) -> tuple[str, str]:
    """A number that only its label tells from any other (电话：88886666), and what follows it."""
    found = _LABELLED.match(half_width(text))
    number = squeeze(found.group()).strip("-") if found else ""
    if found is None or not is_phone(number):
        return "", text
    return number, PHONE_MARK + text[found.end() :]


def _plain(match: re.Match[str]) -> str:
    def digits(text: str) -> str:
        return re.sub(r"\D", "", text)

    if match["mobile"]:
        number, inner = digits(match["mobile"]), match["virtual"]
    elif match["area"]:
        number, inner = f"{match['area']}-{digits(match['local'])}", match["inner"]
    elif match["service"]:
        return match["service"]
    else:
        return f"+{digits(match['abroad'])}"
    if not inner:
        return number
    return f"{number}-{inner}" if match["mobile"] else f"{number}转{inner}"
