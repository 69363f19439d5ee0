"""Chinese addresses are read as province, city, district and town, offline, never by guessing.

Pure Python over a table that is shipped with the package (data/README.md); loaded on first use.
"""

from __future__ import annotations

from logistics.divisions.completion import complete, is_known
from logistics.divisions.errors import Ambiguous, Unparsable
from logistics.divisions.parsed import Parsed
from logistics.divisions.parsing import parse

__all__ = ["Ambiguous", "Parsed", "Unparsable", "complete", "is_known", "parse"]
