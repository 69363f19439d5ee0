"""Every refusal of the gateway has a code and a message a person can act on."""

from __future__ import annotations


class Refusal(Exception):
    """The answer is `{"success": false, "errorCode": code, "errorMsg": message}`."""

    def __init__(self, code: str, message: str) -> None:
        """Refuse with these two."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


# S02 and its misspelt text are the real gateway's, word for word; the other S codes are the
# dialect that carriers copied from the early Taobao logistics interface.
BAD_SIGNATURE = "验签或加密失败:digist sign check not pass"


def bad_format(why: str) -> Refusal:
    """S01: the envelope or the content cannot be read."""
    return Refusal("S01", f"非法的消息格式:{why}")


def bad_signature(why: str = "") -> Refusal:
    """S02: who is calling is not proven."""
    return Refusal("S02", f"验签或加密失败:{why}" if why else BAD_SIGNATURE)


def unknown_message(name: str) -> Refusal:
    """S05: there is no such message, or not for this caller."""
    return Refusal("S05", f"非法的通知类型:{name[:64]}")


def bad_field(path: str, why: str) -> Refusal:
    """A field of the content is missing or not as it must be."""
    return Refusal("ILLEGAL_PARAM", f"{path}:{why}")
