"""Text from outside is checked and clipped to its column here and nowhere else."""

from __future__ import annotations

import re
import unicodedata

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def unstorable(text: str) -> bool:
    """Whether a database would refuse or garble it: NUL or a lone surrogate."""
    return _UNSTORABLE.search(text) is not None


def clip(text: object, length: int) -> str:
    """Return `text` as something a column of `length` characters can always hold."""
    clean = _CONTROL.sub("\ufffd", str(text))
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def one_line(text: str) -> str:
    """Return `text` with every run of white space folded into one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
