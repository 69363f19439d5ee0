"""Phone numbers as people in China write them, and the one form they are searched by."""

from __future__ import annotations

import re
import unicodedata

_EXTENSION = r"(?:(?:-|,|#|转|轉|ext\.?)\d{1,6})?"
_FORMS = re.compile(
    r"(?:"
    rf"(?:\+?86-?)?1[3-9]\d{{9}}{_EXTENSION}"  # mobile, virtual numbers with an extension
    rf"|(?:\+?86-?)?(?:0\d{{2,3}}-?)?[2-9]\d{{6,7}}{_EXTENSION}"  # landline
    r"|[48]00-?\d{3}-?\d{4}"  # service lines
    r"|9[56]\d{3,4}"
    r"|\+(?!86)\d{8,15}"  # abroad, Hong Kong, Macau, Taiwan
    r"|00(?!86)\d{8,15}"
    r")",
    re.IGNORECASE,
)


def squeeze(phone: str) -> str:
    """The number without blanks and brackets, in half-width characters."""
    return re.sub(r"[\s()\u3000]", "", unicodedata.normalize("NFKC", phone))


def is_phone(phone: str) -> bool:
    """Whether a courier could ring it."""
    plain = re.sub(r"(?<=\d)-(?=\d{4}-\d{4}$)", "", squeeze(phone))  # 138-0013-8000
    return _FORMS.fullmatch(re.sub(r"^(1\d{2,6})-(\d{4})$", r"\1\2", plain)) is not None


def search_form(phone: str) -> str:
    """Digits only, without country code and extension: what the keyed hash is made of."""
    base = re.split(r"转|轉|ext|#|,", squeeze(phone).lower())[0]
    base = re.sub(r"^(\+86|0086)-?", "", base)
    mobile = re.match(r"1\d{2}-?\d{4}-?\d{4}", base)
    return re.sub(r"\D", "", mobile.group() if mobile else base)
