"""What an address was read as: official full names only, and the rest of the text untouched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parsed:
    """An address by levels; a level the text does not settle is None.

    `province` and `city` are always known. In municipalities and in Hong Kong and Macau the
    city carries the province's own name; a county administered by its province (潜江市, 定安县)
    stands as the city, without a district. `candidates` are full paths that the text hints at
    without settling them (西湖文化广场 hints at 西湖区); they were not taken.
    """

    province: str | None
    city: str | None
    district: str | None
    town: str | None
    detail: str
    candidates: tuple[str, ...] = ()
