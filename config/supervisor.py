"""Programs that live together: when one of them ends, or whoever started them does, all end.

Each leads a session of its own, so that a Ctrl-C reaches this process alone, and is ended as a
whole process group: TERM, and KILL some seconds later. Should this process be killed itself, an
undertaker does the same; it reads a pipe from us that the kernel closes. The undertaker is this
very file run as a script, hence nothing but the standard library here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

# Celery looks up from an idle broker every two seconds, and needs a few more to finish.
PATIENCE = 10.0
_POLL = 0.1
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Program:
    """A command line, under the name that a person knows it by."""

    name: str
    command: Sequence[str]


class PortTaken(RuntimeError):
    """Somebody listens there already; the text is for a person."""


class ProgramEnded(RuntimeError):
    """One of the programs ended by itself; the text is for a person."""


class Crew:
    """The programs that `running` started."""

    def __init__(self, patience: float) -> None:
        """Start the undertaker alone."""
        self._patience = patience
        its_end, self._lifeline = os.pipe()
        # Isolated (-I), or this file's neighbours would hide modules of the standard library.
        self._undertaker = subprocess.Popen(
            [sys.executable, "-I", __file__, str(patience)],
            stdin=its_end,
            start_new_session=True,
        )
        os.close(its_end)
        self._programs: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, program: Program) -> None:
        """Start one more, and have the undertaker know it."""
        process = subprocess.Popen(
            program.command, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._programs[program.name] = process
        # A dead undertaker is found by `check`, like any other death.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._lifeline, b"%d\n" % process.pid)

    def leaders(self) -> dict[str, int]:
        """Return each program's process id, which is also its session's."""
        return {name: process.pid for name, process in self._programs.items()}

    def check(self) -> None:
        """Raise `ProgramEnded` if one of them has ended."""
        for name, process in {**self._programs, "undertaker": self._undertaker}.items():
            if (code := process.poll()) is not None:
                raise ProgramEnded(f"{name} 已退出（代码 {code}），其余程序已一并停止。")

    def wait(self) -> NoReturn:
        """Return never: only `ProgramEnded` or KeyboardInterrupt end the wait."""
        while True:
            self.check()
            time.sleep(_POLL)

    def end(self) -> None:
        """End them all."""
        end_groups([process.pid for process in self._programs.values()], self._patience)
        self._undertaker.kill()
        for process in (*self._programs.values(), self._undertaker):
            process.wait()
        os.close(self._lifeline)


@contextlib.contextmanager
def running(programs: Iterable[Program], *, patience: float = PATIENCE) -> Iterator[Crew]:
    """Start the programs; on leaving, however, end them all. For the main thread only.

    INT and TERM raise KeyboardInterrupt inside the block; before it they wait for the last
    program to be known, after it they are ignored until all have ended.
    """
    early: list[int] = []
    before = {number: signal.getsignal(number) for number in _STOP_SIGNALS}
    _on_stop(lambda number, _frame: early.append(number))
    crew = Crew(patience)
    try:
        for program in programs:
            crew.start(program)
        _on_stop(signal.default_int_handler)
        if early:
            raise KeyboardInterrupt
        yield crew
    finally:
        _on_stop(signal.SIG_IGN)
        crew.end()
        for number, handler in before.items():
            signal.signal(number, handler)


def supervise(programs: Iterable[Program], *, patience: float = PATIENCE) -> int:
    """Run the programs until one ends or we are told to stop; return the exit code."""
    try:
        with running(programs, patience=patience) as crew:
            try:
                crew.wait()
            except KeyboardInterrupt:
                print("正在停止……", file=sys.stderr)
                raise
    except KeyboardInterrupt:
        return 0
    except ProgramEnded as exc:
        print(exc, file=sys.stderr)
    return 1


def claim_port(port: int, host: str = "127.0.0.1") -> None:
    """Raise `PortTaken` where a server could not listen.

    granian shares its port with whoever else does, without a word; this bind does not.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            reason = exc.strerror
            raise PortTaken(
                f"端口 {port} 不可用（{reason}）：请停止占用它的程序，或换一个端口。"
            ) from None


def end_groups(leaders: Iterable[int], patience: float) -> None:
    """End whole process groups: TERM, then KILL for whatever is left after `patience` seconds."""
    left = [leader for leader in leaders if _signal(leader, signal.SIGTERM)]
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        time.sleep(_POLL / 2)
        left = [leader for leader in left if _signal(leader, 0)]
    for leader in left:
        _signal(leader, signal.SIGKILL)


def _signal(leader: int, number: int) -> bool:
    # Zombies count as alive; as process 1 of a container we inherit orphans' too.
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-leader, os.WNOHANG)[0]:
            pass
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _on_stop(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for number in _STOP_SIGNALS:
        signal.signal(number, handler)


if __name__ == "__main__":
    end_groups([int(line) for line in sys.stdin.buffer], patience=float(sys.argv[1]))
