"""Every refusal has a stable slug, a non-zero integer code, an HTTP status and a kind message.

Apps subclass the seven kinds below in their `errors.py`. Messages are Chinese, because the doors
they leave through are; they say what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

Fields = Mapping[str, Sequence[str]]


class Refusal(Exception):
    """Something asked of us that we will not do.

    `fields` names the inputs at fault; `data` fills the `{placeholders}` of the message.
    """

    slug: ClassVar[str] = "refused"
    code: ClassVar[int] = 1000
    status: ClassVar[int] = 422
    message: ClassVar[str] = "请求无法完成。"
    known: ClassVar[dict[str, type[Refusal]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep slugs and codes unique over the whole project."""
        super().__init_subclass__(**kwargs)
        for other in Refusal.known.values():
            if (other.slug == cls.slug) != (other.code == cls.code):
                msg = f"{cls.__name__} and {other.__name__} share a slug or a code"
                raise TypeError(msg)
        Refusal.known[cls.slug] = cls

    def __init__(self, *, fields: Fields | None = None, retry_after: int = 0, **data: Any) -> None:
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.data = data
        self.retry_after = retry_after
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The message with its data filled in."""
        return self.message.format(**self.data)


class Malformed(Refusal):
    """400: what the schema alone can refuse."""

    slug, code, status = "malformed", 1400, 400
    message = "请求内容有误，请按提示修改后重试。"


class BodyTooLarge(Malformed):
    """413: the body is over the door's limit."""

    slug, code, status = "body_too_large", 1413, 413
    message = "请求体超过 {limit_kb} KB 上限，请拆分后重试。"


class UnsupportedMedia(Malformed):
    """415: the body is not of a type this door reads."""

    slug, code, status = "unsupported_media_type", 1415, 415
    message = "不支持的内容类型，请使用 application/json（UTF-8）。"


class Rejected(Refusal):
    """422: well formed, but our present state refuses it."""

    slug, code, status = "rejected", 1422, 422
    message = "当前状态不允许此操作。"


class Conflict(Refusal):
    """409: someone or something else got there first."""

    slug, code, status = "conflict", 1409, 409
    message = "与现有数据冲突，请刷新后重试。"


class Missing(Refusal):
    """404: no such thing, or not yours; the two are never told apart."""

    slug, code, status = "not_found", 1404, 404
    message = "请求的资源不存在。"


class Denied(Refusal):
    """403: a valid proof of identity, but not for this."""

    slug, code, status = "forbidden", 1403, 403
    message = "没有权限执行此操作。"


class Unauthenticated(Denied):
    """401: no proof of identity, or one that is not valid."""

    slug, code, status = "unauthenticated", 1401, 401
    message = "缺少有效的身份凭证，请检查后重试。"


class MethodRefused(Refusal):
    """405: the route has no such method."""

    slug, code, status = "method_not_allowed", 1405, 405
    message = "此地址不支持该请求方法。"


class Throttled(Refusal):
    """429: too many, too fast."""

    slug, code, status = "throttled", 1429, 429
    message = "请求过于频繁，请稍后重试。"


class Unavailable(Refusal):
    """503: we cannot serve this now; `Retry-After` says when to come back."""

    slug, code, status = "unavailable", 1503, 503
    message = "服务暂时不可用，请稍后重试。"

    def __init__(self, *, fields: Fields | None = None, retry_after: int = 5, **data: Any) -> None:
        super().__init__(fields=fields, retry_after=retry_after, **data)


class Internal(Refusal):
    """500: our fault; the request id finds it in our logs."""

    slug, code, status = "internal_error", 1500, 500
    message = "系统内部错误，已记录，请携带请求编号联系平台。"
