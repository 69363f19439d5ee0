"""An address on the net is shown without user, query values or the long random part of its path."""

from __future__ import annotations

import re
from typing import Final

from config.kernel.masking.values import HIDDEN, PHONE, mask_number

#: A path segment nobody could guess is a secret: small and large letters and digits, 20 or more.
PATH_TOKEN: Final = (
    r"(?<=/)(?=[\w-]{0,60}[a-z])(?=[\w-]{0,60}[A-Z])(?=[\w-]{0,60}\d)[\w-]{20,}(?![\w-])"
)
_PATH_TOKEN = re.compile(PATH_TOKEN)
_PHONE = re.compile(PHONE)
_PLAIN_KEY = re.compile(r"[\w.\[\]-]{1,40}")


def _mask_numbers(text: str) -> str:
    return _PHONE.sub(lambda match: mask_number(match.group()), text)


def mask_query(query: str) -> str:
    """`a=1&b=2` -> `a=***&b=***`: any of them may be a credential, and none is needed to debug."""
    shown = []
    for pair in query.split("&"):
        key, equals, value = pair.partition("=")
        if not pair or not equals or not _PLAIN_KEY.fullmatch(key):
            shown.append(HIDDEN if pair else "")
        else:
            shown.append(f"{_mask_numbers(key)}={HIDDEN if value else ''}")
    return "&".join(shown)


def mask_url(url: str) -> str:
    """The URL with scheme, host, path and the names of its query's fields."""
    rest, sharp, _ = url.partition("#")
    rest, mark, query = rest.partition("?")
    scheme, slashes, place = rest.partition("://")
    if slashes:
        authority, slash, path = place.partition("/")
        host = _mask_numbers(authority.rpartition("@")[2])
        user = f"{HIDDEN}@" if "@" in authority else ""
        rest = f"{_mask_numbers(scheme)}://{user}{host}{_mask_path(slash + path)}"
    else:
        rest = _mask_path(rest)
    query = f"?{mask_query(query)}" if mark else ""
    return rest + query + (f"#{HIDDEN}" if sharp else "")


def _mask_path(path: str) -> str:
    return _mask_numbers(_PATH_TOKEN.sub(HIDDEN, path))
