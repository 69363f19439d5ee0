"""TMS_DISPATCH_FIND_SEND_BRANCH: the branches of a district, always the same ones.

墨脱县 in Tibet and the whole of 三沙市 have none: the list is empty, and that is no refusal.
"""

from __future__ import annotations

from collections.abc import Mapping

from logistics.carriers.cainiao.sandbox.desk import Desk
from logistics.carriers.cainiao.sandbox.envelope import Message
from logistics.carriers.cainiao.sandbox.express_companies import company
from logistics.carriers.cainiao.sandbox.fields import text
from logistics.carriers.cainiao.sandbox.numbers import digits

UNSERVED_CITIES = frozenset({"三沙市"})
UNSERVED_DISTRICTS = frozenset({"墨脱县"})


def find_send_branch(_desk: Desk, message: Message) -> Mapping[str, object]:
    """Return one to three branches, the nearest first."""
    content = message.content
    carrier = company(text(content, "cpCode", "", limit=20, required=True))
    province = text(content, "province", "", limit=20, required=True)
    city = text(content, "city", "", limit=20)
    district = text(content, "district", "", limit=20)
    if city in UNSERVED_CITIES or district in UNSERVED_DISTRICTS:
        return {"branchList": []}
    where = (carrier.code, province, city, district)
    count = 1 + int(digits(3, "branches", *where)) % 3
    place = district or city or province
    return {
        "branchList": [
            {
                "branchCode": digits(6, "branch", *where, str(number)),
                "branchName": f"{place}{carrier.name[:2]}{'一二三'[number]}部",
                "branchPhone": f"400{digits(7, 'phone', *where, str(number))}",
            }
            for number in range(count)
        ]
    }
