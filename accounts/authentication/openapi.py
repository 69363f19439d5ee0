"""How the OpenAPI document names the proofs of identity."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class _Signature(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.signature.TenantSignature"
    name = "TenantSignature"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-Tonglu-Signature",
            "description": "与 X-Tonglu-Key、X-Tonglu-Timestamp、X-Tonglu-Nonce 一同发送；"
            "算法见 README。",
        }


class _Secret(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.external.PlatformSecret"
    name = "PlatformSecret"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "query",
            "name": "api_secret",
            "description": "与 platform_code 一同放在 JSON 请求体中（GET 放在查询参数中）；"
            "建议改用签名方式。",
        }


class _Token(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.tokens.PersonToken"
    name = "PersonToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class _Session(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.tokens.ConsoleSession"
    name = "ConsoleSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
