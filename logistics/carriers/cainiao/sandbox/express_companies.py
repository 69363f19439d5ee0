"""The express companies this gateway knows, and what their waybill numbers look like."""

from __future__ import annotations

from dataclasses import dataclass

from logistics.carriers.cainiao.sandbox.refusals import Refusal


@dataclass(frozen=True)
class Company:
    """A company's code, name, and its numbers: a prefix followed by so many digits."""

    code: str
    name: str
    prefix: str
    digits: int
    suffix: str = ""


COMPANIES = {
    company.code: company
    for company in (
        Company("YTO", "圆通速递", "YT", 13),
        Company("ZTO", "中通快递", "78", 12),
        Company("STO", "申通快递", "77", 13),
        Company("YUNDA", "韵达快递", "43", 13),
        Company("SF", "顺丰速运", "SF", 13),
        Company("JD", "京东快递", "JDVB", 11),
        Company("JTSD", "极兔速递", "JT", 13),
        Company("EMS", "邮政特快专递", "EM", 9, "CN"),
        Company("POSTB", "邮政快递包裹", "98", 11),
        Company("DBKD", "德邦快递", "DPK", 12),
        Company("HTKY", "百世快递", "55", 13),
        Company("CAINIAO", "菜鸟速递", "CN", 13),
    )
}


def company(code: str) -> Company:
    """Return the company of this code; raise Refusal for one that is not served."""
    try:
        return COMPANIES[code]
    except KeyError:
        raise Refusal("CP_CODE_UNKNOWN", f"不支持的快递公司编码:{code[:20]}") from None
