"""System checks of logistics: the table of carriers, and leases against deadlines."""

from __future__ import annotations

from typing import Any

from django.core import checks

from config.kernel.work.checks import check_leases
from logistics.carriers import registry


@checks.register
def check_carriers(**_: Any) -> list[checks.CheckMessage]:
    """Every carrier in the registry can be imported and fills the port."""
    return [checks.Error(text, id="logistics.E001") for text in registry.registry_errors()]


@checks.register
def check_work(**_: Any) -> list[checks.CheckMessage]:
    """The jobs of logistics hold their leases long enough."""
    import logistics.services.handling  # noqa: PLC0415 - defines its job
    import logistics.services.work  # noqa: F401, PLC0415

    return check_leases()
