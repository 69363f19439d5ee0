"""Numbers follow from what they are for: asked again, even after a restart, they are the same.

The sandbox keeps nothing on disk while the application does; numbers counted from one would
come a second time after a restart and point at somebody else's order.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from logistics.carriers.cainiao.sandbox.express_companies import Company

TEMPLATE_URL = "http://cloudprint.cainiao.com/template/standard/101/572"


def digits(count: int, *parts: str) -> str:
    """Return `count` decimal digits that follow from the parts."""
    raw = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return str(int.from_bytes(raw, "big"))[-count:].rjust(count, "0")


def order_code(app_key: str, trade_order_no: str) -> str:
    """Return Cainiao's number for an order."""
    return "LP" + digits(15, "order", app_key, trade_order_no)


def waybill_code(company: Company, app_key: str, object_id: str, trade_order_no: str) -> str:
    """Return the waybill number of one package."""
    number = digits(company.digits, "waybill", company.code, app_key, object_id, trade_order_no)
    return f"{company.prefix}{number}{company.suffix}"


def print_data(waybill: str, content: str, secret: str, template_url: str) -> str:
    """Return what a label printer is fed: opaque, signed, to be kept byte for byte."""
    sealed = hmac.new(secret.encode(), f"{waybill}\n{content}".encode(), hashlib.sha512).digest()
    signature = hmac.new(secret.encode(), sealed, hashlib.md5).digest()
    return json.dumps(
        {
            "encryptedData": "AES:" + base64.b64encode(sealed * 4).decode("ascii"),
            "signature": "MD:" + base64.b64encode(signature).decode("ascii"),
            "templateURL": template_url or TEMPLATE_URL,
            "ver": "waybill_print_secret_version_1",
        },
        separators=(",", ":"),
    )
