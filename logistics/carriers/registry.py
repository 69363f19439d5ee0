"""Every carrier we can speak to, in one table; a new one is a row here and a folder beside it.

What a row says is checked at start-up (`registry_errors`), so that a misspelt path stops a
deployment and not an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol, cast

from logistics.carriers.base import Carrier

#: What a carrier may be able to do: the methods of the port.
METHODS: Final = frozenset(
    {
        "parse_address",
        "find_branch",
        "get_waybill",
        "create_pickup",
        "cancel_pickup",
        "query",
        "track",
    }
)
_NEEDED: Final = frozenset({"get_waybill", "create_pickup", "cancel_pickup"})


class CarrierClass(Protocol):
    """How a client comes to be."""

    def from_account(self, **columns: Any) -> Carrier:
        """The client of one account's columns; a ValueError says which column is wrong."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """Where a carrier's client is, and which methods of the port the carrier really serves."""

    path: str
    capabilities: frozenset[str]


ADAPTERS: Final[Mapping[str, Adapter]] = {
    "cainiao": Adapter("logistics.carriers.cainiao.client.CainiaoClient", METHODS),
}


def carrier_class(name: str) -> CarrierClass:
    """The class of the carrier called `name`.

    :raises LookupError: no such carrier, or its class is not where the table says.
    """
    if name not in ADAPTERS:
        msg = f"no carrier {name!r}; one of: {', '.join(sorted(ADAPTERS))}"
        raise LookupError(msg)
    return cast("CarrierClass", _load(ADAPTERS[name].path))


def registry_errors(adapters: Mapping[str, Adapter] = ADAPTERS) -> list[str]:
    """What is wrong with the table, a sentence each; nothing is called or connected to."""
    errors = []
    for name, adapter in adapters.items():
        if strange := adapter.capabilities - METHODS:
            errors.append(f"{name}: not methods of the port: {', '.join(sorted(strange))}")
        if lacking := _NEEDED - adapter.capabilities:
            errors.append(f"{name}: no carrier without: {', '.join(sorted(lacking))}")
        try:
            loaded = _load(adapter.path)
        except LookupError as exc:
            errors.append(f"{name}: {exc}")
            continue
        absent = [
            method
            for method in sorted(METHODS | {"from_account"})
            if not callable(getattr(loaded, method, None))
        ]
        if absent:
            errors.append(f"{name}: {adapter.path} has no {', '.join(absent)}")
    return errors


def _load(path: str) -> Any:
    module, _, attribute = path.rpartition(".")
    try:
        loaded = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as exc:
        msg = f"{path} cannot be imported: {exc}"
        raise LookupError(msg) from exc
    if not isinstance(loaded, type):
        msg = f"{path} is no class"
        raise LookupError(msg)
    return loaded
