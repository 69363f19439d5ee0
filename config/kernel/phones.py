"""Phone numbers as people in China write them, and the one form they are searched by."""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile("[\u2010-\u2015\u2212]")
# A mobile with a dash before its last four, behind its country's code or not.
_HALVED = re.compile(r"^((?:(?:\+|00)?86-?)?1\d{2,6})-(\d{4})$")
# How nearly all of them come.
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_EXTENSION = r"(?:(?:-|,|#|转|轉|ext\.?)\d{1,6})?"
_COUNTRY = r"(?:(?:\+|00)?86-?)?"
_FORMS = re.compile(
    r"(?:"
    rf"{_COUNTRY}1[3-9]\d{{9}}{_EXTENSION}"  # mobile, virtual numbers with an extension
    rf"|{_COUNTRY}(?:0\d{{2,3}}-?)?[2-9]\d{{6,7}}{_EXTENSION}"  # landline
    r"|[48]00-?\d{3}-?\d{4}"  # service lines
    r"|9[56]\d{3,4}"
    r"|\+(?!86)\d{8,15}"  # abroad, Hong Kong, Macau, Taiwan
    r"|00(?!86)\d{8,15}"
    r")",
    re.IGNORECASE | re.ASCII,
)
# Without + or 00 it is the country's only before a whole number: 86012345 is somebody's landline.
_OUR_COUNTRY = re.compile(
    r"(?:\+86|0086|86(?=-?(?:1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9])))-?"
)
# What may have an extension behind a dash.
_EXTENDED = re.compile(
    r"1[0-9]{2}-?[0-9]{4}-?[0-9]{4}|(?:0[0-9]{2,3}-?)?[2-9][0-9]{6,7}(?=-[0-9]{1,6}$)"
)


def is_plain_mobile(phone: str) -> bool:
    """Whether it is a mobile's eleven digits and nothing else."""
    return _MOBILE.fullmatch(phone) is not None


def squeeze(phone: str) -> str:
    """The number without blanks and brackets, in half-width characters, each dash a plain one."""
    plain = re.sub(r"[\s()\u3000]", "", unicodedata.normalize("NFKC", phone))
    return _DASHES.sub("-", plain)


def is_phone(phone: str) -> bool:
    """Whether a courier could ring it."""
    if is_plain_mobile(phone):
        return True
    plain = re.sub(r"(?<=\d)-(?=\d{4}-\d{4}$)", "", squeeze(phone))  # 138-0013-8000
    return _FORMS.fullmatch(_HALVED.sub(r"\1\2", plain)) is not None


def search_form(phone: str) -> str:
    """Digits only, without country code and extension: what the keyed hash is made of."""
    if is_plain_mobile(phone):
        return phone
    base = re.split(r"转|轉|ext|#|,", squeeze(phone).lower())[0]
    country = _OUR_COUNTRY.match(base)
    base = base[country.end() :] if country else base
    extended = _EXTENDED.match(base)
    return re.sub(r"[^0-9]", "", extended.group() if extended else base)
