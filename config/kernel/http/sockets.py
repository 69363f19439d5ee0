"""A socket whose every wait ends at the deadline of the call that uses it.

requests' and urllib3's time-outs are per read: a peer that drips one byte a second is never late
for them. Here each `recv` and `send` is given what is left of the whole call.
"""

from __future__ import annotations

import io
import ipaddress
import queue
import socket
import threading
from collections.abc import Sequence
from typing import Any

from config.kernel.http.budget import AddressAllowed, current, until
from config.kernel.http.outcomes import ForbiddenTarget

# At most one TLS record, so that a refused `send` means that none of the piece went out.
_PIECE = 16_384

_Address = tuple[Any, ...]
_SocketOptions = Sequence[tuple[int, int, int | bytes]]


def open_socket(host: str, port: int, options: _SocketOptions) -> socket.socket:
    """A connected socket whose time-out is what is left for the TLS handshake.

    Several addresses share the time, so that a dead first one leaves some for the next. The name
    is looked up once: what is connected to is what was checked.

    :raises OSError: name unknown, connection refused, out of time.
    :raises ForbiddenTarget: one of the name's addresses is not allowed.
    """
    ends = current().connecting_ends()
    host = host.strip("[]")
    addresses = _resolve(host, port, until(ends))
    _check(host, addresses, current().address_allowed)
    for position, (family, kind, protocol, _, address) in enumerate(addresses):
        last = position == len(addresses) - 1
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(until(ends) / (len(addresses) - position))
            sock.connect(address)
            sock.settimeout(until(ends))
        except OSError:
            sock.close()
            if last:
                raise
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    msg = f"no address for {host}"
    raise OSError(msg)


def _check(host: str, addresses: list[_Address], allowed: AddressAllowed | None) -> None:
    """One address that is not allowed condemns the name: which one is tried is nobody's choice."""
    for *_, address in addresses:
        if allowed is not None and not allowed(host, str(address[0])):
            msg = f"the name has an address that is not allowed: {address[0]}"
            raise ForbiddenTarget(msg)


def _resolve(host: str, port: int, seconds: float) -> list[_Address]:
    """`getaddrinfo`, abandoned after `seconds`: it takes no time-out and cannot be interrupted."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    answers: queue.SimpleQueue[list[_Address] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        msg = "name resolution timed out"
        raise TimeoutError(msg) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class BoundedSocket:
    """Stands in for a connected socket, plain or TLS, where `http.client` uses one."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def sendall(self, data: bytes) -> None:
        """Send everything before the deadline; note that the request has begun to go out.

        A connection found dead at the very first piece has taken nothing: not noted. Any other
        failure is, because part of the piece may have left.
        """
        rest = memoryview(data).cast("B")
        while rest:
            self._sock.settimeout(current().left())
            try:
                taken = self._sock.send(rest[:_PIECE])
            except (BrokenPipeError, ConnectionResetError):
                raise
            except BaseException:
                current().sent = True
                raise
            current().sent = True
            rest = rest[taken:]

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.BufferedReader:
        """What `http.client` reads answers from."""
        del mode, buffering
        return io.BufferedReader(_BoundedReader(self._sock))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _BoundedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock
        # The socket's own file object keeps the descriptor open until the answer is read.
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(current().left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        try:
            self._raw.close()
        finally:
            super().close()
