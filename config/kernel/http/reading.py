"""An answer is read whole, within its size, and decoded, or it is no answer."""

from __future__ import annotations

import zlib

from requests import Response

_CHUNK = 65_536
_FIRST_FINAL = 200
_COMPRESSED = {"gzip", "x-gzip", "deflate"}
_ZLIB_OR_GZIP, _RAW_DEFLATE = 47, -15


class UnusableAnswer(ValueError):
    """Something came back, but not a whole answer we can take in."""


def read_whole(response: Response, max_bytes: int) -> bytes:
    """The body, at most `max_bytes` both as sent and decoded.

    An answer without a length that ends with its connection counts as whole: HTTP has no way to
    tell. Who expects JSON notices.

    :raises UnusableAnswer: too large, not decodable, or not a final answer.
    """
    if response.status_code < _FIRST_FINAL:
        # The real answer would follow on the same connection, and be taken for the next call's.
        msg = f"an interim answer {response.status_code} where a final one was due"
        raise UnusableAnswer(msg)
    pieces, size = [], 0
    for piece in response.raw.stream(_CHUNK, decode_content=False):
        size += len(piece)
        if size > max_bytes:
            raise _too_large(max_bytes)
        pieces.append(piece)
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    return _decompress(b"".join(pieces), coding, max_bytes)


def _decompress(raw: bytes, coding: str, max_bytes: int) -> bytes:
    """We ask for `identity`; one common coding is understood all the same."""
    if not raw or coding in ("", "identity"):
        return raw
    if coding not in _COMPRESSED:
        msg = f"content-encoding {coding[:40]!r} is not understood"
        raise UnusableAnswer(msg)
    try:
        return _inflate(raw, _ZLIB_OR_GZIP, max_bytes)
    except zlib.error:
        if coding != "deflate":
            raise
        return _inflate(raw, _RAW_DEFLATE, max_bytes)


def _inflate(raw: bytes, wbits: int, max_bytes: int) -> bytes:
    whole = b""
    while raw:
        stream = zlib.decompressobj(wbits)
        whole += stream.decompress(raw, max_bytes + 1 - len(whole))
        if len(whole) > max_bytes:
            raise _too_large(max_bytes)
        if not stream.eof:
            msg = "the compressed answer was cut short"
            raise UnusableAnswer(msg)
        # A gzip file may have several members.
        raw = stream.unused_data
    return whole


def _too_large(max_bytes: int) -> UnusableAnswer:
    return UnusableAnswer(f"the answer is larger than {max_bytes} bytes")
