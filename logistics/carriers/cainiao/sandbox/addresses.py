"""ADDRLIB_DIV_PARSE and ADDRLIB_DIV_FULLPARSE: one text becomes levels or is refused."""

from __future__ import annotations

from collections.abc import Mapping

from logistics.carriers.cainiao.sandbox.desk import Desk
from logistics.carriers.cainiao.sandbox.envelope import Message
from logistics.carriers.cainiao.sandbox.fields import text
from logistics.carriers.cainiao.sandbox.refusals import Refusal

LONGEST = 500


def parse_divisions(_desk: Desk, message: Message) -> Mapping[str, object]:
    """Return province, city and district; what follows stays in `detail`."""
    parsed = _parse(message.content)
    told = {name: parsed[name] for name in ("province", "city", "district")}
    return {**told, "detail": f"{parsed['town']}{parsed['detail']}"}


def parse_fully(_desk: Desk, message: Message) -> Mapping[str, object]:
    """Return all five levels."""
    return _parse(message.content)


def _parse(content: Mapping[str, object]) -> dict[str, str]:
    # Imported when first asked: its table takes a while, and most worlds never parse.
    from logistics.divisions import Ambiguous, Unparsable, parse  # noqa: PLC0415

    address = text(content, "address", "", limit=LONGEST, required=True)
    try:
        parsed = parse(address)
    except Ambiguous as error:
        candidates = "、".join(error.candidates)
        raise Refusal("ADDRESS_AMBIGUOUS", f"地址不明确,可能是:{candidates}") from error
    except Unparsable as error:
        raise Refusal("ADDRESS_UNPARSABLE", "地址无法解析,请补充省市区") from error
    return {
        "province": parsed.province or "",
        "city": parsed.city or "",
        "district": parsed.district or "",
        "town": parsed.town or "",
        "detail": parsed.detail,
    }
