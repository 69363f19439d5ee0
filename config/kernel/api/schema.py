"""The OpenAPI document tells the truth: envelopes, identities and refusals included."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

REFUSALS = {
    "400": "请求内容有误",
    "401": "缺少有效的身份凭证",
    "403": "凭证不能用于此接口，或没有权限",
    "404": "资源不存在",
    "405": "不支持该请求方法",
    "409": "与现有数据冲突",
    "413": "请求体过大",
    "415": "不支持的内容类型",
    "422": "当前状态不允许",
    "429": "请求过于频繁",
    "500": "系统内部错误",
    "503": "暂时不可用",
}
SEEDS_DOOR = "/api/external/"
TENANTS_PROOFS = frozenset({"TenantSignature", "PlatformSecret"})
REFUSAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message", "error", "data"],
    "properties": {
        "code": {"type": "integer", "not": {"const": 0}},
        "message": {"type": "string"},
        "error": {"type": "string", "description": "stable slug"},
        "data": {"oneOf": [{"$ref": "#/components/schemas/RefusalData"}, {"type": "null"}]},
    },
}
REFUSAL_DATA: dict[str, Any] = {
    "type": "object",
    "required": ["errors"],
    "additionalProperties": False,
    "properties": {
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        }
    },
}


class DoorSchema(AutoSchema):
    """Wraps each success in the envelope and adds the refusals every route can give."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with its refusals."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status, text in REFUSALS.items():
            operation["responses"].setdefault(
                status,
                {
                    "description": text,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}
                    },
                },
            )
        if self.method != "GET" and self.path.startswith("/api/v1/"):
            operation.setdefault("parameters", []).append(
                {
                    "in": "header",
                    "name": "Idempotency-Key",
                    "schema": {"type": "string", "maxLength": 255},
                    "description": "同一键的重复请求只生效一次，24 小时内返回同一结果。",
                }
            )
        return dict(operation)

    def get_auth(self) -> list[dict[str, Any]]:
        """Only what opens the door: the other proofs are read to be refused by name."""
        tenants = self.path.startswith(("/api/v1/", SEEDS_DOOR))
        found: list[dict[str, Any]] = super().get_auth()
        return [proof for proof in found if TENANTS_PROOFS.isdisjoint(proof) != tenants]

    def _get_response_for_code(
        self, serializer: Any, status_code: str, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        response: dict[str, Any] = super()._get_response_for_code(  # type: ignore[no-untyped-call]
            serializer, status_code, *args, **kwargs
        )
        if not status_code.startswith("2"):
            return response
        content = response.get("content", {})
        inner = content.get("application/json", {}).get("schema", {"type": "null"})
        schema: dict[str, Any] = {
            "type": "object",
            "required": ["code", "message", "data"],
            "properties": {
                "code": {"const": 0},
                "message": {"const": "success"},
                "data": inner,
            },
        }
        if self.path.startswith(SEEDS_DOOR):
            # Business refusals are HTTP 200 there.
            schema = {"oneOf": [schema, {"$ref": "#/components/schemas/Refusal"}]}
        response["content"] = {"application/json": {"schema": schema}}
        response.setdefault("description", "success")
        return response


def add_refusal_component(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: the one shape of refusals."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Refusal": REFUSAL_SCHEMA, "RefusalData": REFUSAL_DATA}
    return result
