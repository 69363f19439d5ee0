"""What accounts refuses (codes 2000–2999)."""

from __future__ import annotations

from config.kernel.errors import Conflict, Denied, Malformed, Rejected, Unauthenticated


class SignatureInvalid(Unauthenticated):
    """The signed headers do not prove the tenant."""

    slug, code = "signature_invalid", 2001
    message = "签名校验失败：请核对密钥、签名内容与请求体是否一致。"


class TimestampStale(Unauthenticated):
    """The request was signed too long ago or too far ahead."""

    slug, code = "timestamp_stale", 2002
    message = "时间戳超出允许范围（±300 秒），请校准服务器时间后重新签名。"


class NonceReused(Unauthenticated):
    """The same signed request came twice."""

    slug, code = "nonce_reused", 2003
    message = "随机数（nonce）已使用过，请为每次请求生成新的随机数。"


class TokenInvalid(Unauthenticated):
    """The token is unknown, expired or ended."""

    slug, code = "token_invalid", 2004
    message = "登录凭证无效或已过期，请重新获取。"


class LoginFailed(Unauthenticated):
    """Wrong user name or password; which of the two is not told."""

    slug, code = "login_failed", 2005
    message = "用户名或密码错误。"


class WrongDoor(Denied):
    """A valid credential, but of another door."""

    slug, code = "wrong_door", 2010
    message = "该凭证不能用于此接口。"


class TenantSuspended(Denied):
    """The tenant is suspended as a whole."""

    slug, code = "tenant_suspended", 2011
    message = "租户已停用，请联系平台。"


class IdempotencyMismatch(Rejected):
    """The same key came with another request."""

    slug, code = "idempotency_mismatch", 2020
    message = "该 Idempotency-Key 已用于另一个请求，请更换。"


class IdempotencyRunning(Conflict):
    """The first request under this key is still running."""

    slug, code = "idempotency_running", 2021
    message = "相同 Idempotency-Key 的请求正在处理，请稍后重试。"


class CallbackUrlRefused(Malformed):
    """A callback address we would not call."""

    slug, code = "callback_url_refused", 2030
    message = "回调地址不可用：{reason}"


class CallbackHostNotListed(Rejected):
    """A callback address at a host that is not on the tenant's list."""

    slug, code = "callback_host_not_listed", 2032
    message = "主机“{host}”不在租户的回调主机名单中，请联系平台添加后再试。"


class CallbackUrlMissing(Rejected):
    """Nowhere to send to."""

    slug, code = "callback_url_missing", 2031
    message = "尚未设置回调地址，请先设置 callback_url，或联系平台。"


class CallbacksPaused(Conflict):
    """Nothing goes to the tenant's own URL until it is resumed."""

    slug, code = "callbacks_paused", 2033
    message = "回调已暂停，测试事件不会发出；请先恢复回调，再发送测试事件。"


class OwnKeyRevoked(Rejected):
    """The key that signs a request is not revoked by it."""

    slug, code = "credential_in_use", 2040
    message = "不能停用正在签名本次请求的密钥，请用另一把密钥签名后再停用它。"


class SecretInvalid(Unauthenticated):
    """No such platform code, or not its secret; which of the two is not told."""

    slug, code = "secret_invalid", 2050
    message = "平台编码或密钥错误，请核对 platform_code 与 api_secret。"


class AddressNotAllowed(Denied):
    """The tenant has an allow-list at `/api/external`, and this address is not on it."""

    slug, code = "address_not_allowed", 2051
    message = "来源地址 {address} 不在租户的允许名单中，请联系平台添加，或改用签名方式调用。"
