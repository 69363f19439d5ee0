"""The carrier's door in the OpenAPI document: a plain view that speaks the carrier's own form."""

from __future__ import annotations

from typing import Any

PATH = "/api/platform/cainiao/callback"
_TEXT: dict[str, Any] = {"type": "string"}
_ACCEPTED: dict[str, Any] = {
    "type": "object",
    "required": ["success"],
    "properties": {"success": {"const": True}},
}
_REFUSED: dict[str, Any] = {
    "type": "object",
    "required": ["success", "errorCode", "errorMsg"],
    "properties": {"success": {"const": False}, "errorCode": _TEXT, "errorMsg": _TEXT},
}
_PUSHED: dict[str, Any] = {
    "type": "object",
    "required": ["logistics_interface", "data_digest"],
    "properties": {
        "logistics_interface": {**_TEXT, "description": "回调内容（JSON 或 XML 文本）"},
        "data_digest": {
            **_TEXT,
            "description": "base64(md5(logistics_interface + 回调密钥))，密钥未设置时用 AppSecret",
        },
        "msg_type": _TEXT,
        "msg_id": _TEXT,
        "from_code": _TEXT,
        "partner_code": _TEXT,
    },
}
# A JSON body may hold the content as it is.
_MEMBERS = _PUSHED["properties"] | {"logistics_interface": {"type": ["string", "object"]}}
_REFUSALS = {
    "400": "不是可读的报文（S01）",
    "401": "验签失败（S02）",
    "413": "报文过大（S01）",
    "503": "系统繁忙，请重新推送（S07）",
}


def _answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def add_callback_operation(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: what the generator, which knows only our own views, cannot see."""
    refusals = {status: _answer(text, _REFUSED) for status, text in _REFUSALS.items()}
    content = {
        "application/x-www-form-urlencoded": {"schema": _PUSHED},
        "application/json": {"schema": {**_PUSHED, "properties": _MEMBERS}},
    }
    result["paths"][PATH] = {
        "post": {
            "operationId": "receive_cainiao_callback",
            "description": "Stored, acknowledged, then handled; the signature is its only proof.",
            "tags": ["api"],
            "security": [],
            "requestBody": {"required": True, "content": content},
            "responses": {"200": _answer("已收存", _ACCEPTED), **refusals},
        }
    }
    return result
