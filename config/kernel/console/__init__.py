"""What the console's pages share; everything is the stock Django admin's."""

from __future__ import annotations

from config.kernel.console.acting import (
    ActingAdmin,
    PlainForm,
    ReasonedAction,
    ReasonForm,
    act_on,
)
from config.kernel.console.lists import (
    AuditedAdmin,
    BigTableAdmin,
    CappedPaginator,
    ReadOnlyAdmin,
)

__all__ = [
    "ActingAdmin",
    "AuditedAdmin",
    "BigTableAdmin",
    "CappedPaginator",
    "PlainForm",
    "ReadOnlyAdmin",
    "ReasonForm",
    "ReasonedAction",
    "act_on",
]
