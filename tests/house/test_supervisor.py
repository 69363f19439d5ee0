"""Programs started together end together, whatever ends first and however."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.supervisor import PortTaken, claim_port
from tests.mariadb import ROOT

# A program with a child of its own, which writes down both pids.
FAMILY = "sleep 100 & echo $$ $! > {0}.new; mv {0}.new {0}; wait"
STUBBORN = "trap '' TERM; " + FAMILY


class Started:
    """A supervisor in a process of its own, and the pids of everything below it."""

    def __init__(self, folder: Path, scripts: dict[str, str]) -> None:
        lines = {name: script.format(folder / name) for name, script in scripts.items()}
        code = (
            "import sys; from config.supervisor import Program, supervise\n"
            f"programs = [Program(n, ('sh', '-c', s)) for n, s in {lines!r}.items()]\n"
            "sys.exit(supervise(programs, patience=1.0))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        wait_for(lambda: all((folder / name).exists() for name in scripts))
        self.families = {
            name: [int(pid) for pid in (folder / name).read_text().split()] for name in scripts
        }

    @property
    def pids(self) -> list[int]:
        return [pid for family in self.families.values() for pid in family]

    def undertaker(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        (pid,) = {int(pid) for pid in children.read_text().split()} - set(self.pids)
        return pid


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    supervisors: list[Started] = []

    def run(**scripts: str) -> Started:
        supervisors.append(Started(tmp_path, scripts))
        return supervisors[-1]

    yield run
    for started in supervisors:
        started.process.kill()
        started.process.communicate()
        for pid in started.pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within the time"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_being_told_to_stop_ends_all_and_is_no_failure(
    start: Callable[..., Started], number: signal.Signals
) -> None:
    started = start(one=FAMILY, two=FAMILY)
    assert all(alive(pid) for pid in started.pids)

    started.process.send_signal(number)

    assert started.process.wait(10) == 0
    assert not any(alive(pid) for pid in started.pids)


def test_one_program_ending_by_itself_ends_all_and_is_a_failure(
    start: Callable[..., Started],
) -> None:
    started = start(one=FAMILY, two=FAMILY)

    os.kill(started.families["two"][0], signal.SIGKILL)

    _, said = started.process.communicate(timeout=10)
    assert started.process.returncode == 1
    assert said == "two 已退出（代码 -9），其余程序已一并停止。\n"
    # The killed program's child as well: it was left behind in the group.
    assert not any(alive(pid) for pid in started.pids)


def test_a_program_that_ignores_term_is_killed(start: Callable[..., Started]) -> None:
    started = start(one=STUBBORN, two=FAMILY)

    started.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert [alive(pid) for pid in started.families["one"]] == [True, True]
    assert [alive(pid) for pid in started.families["two"]] == [False, False]

    assert started.process.wait(10) == 0
    assert not any(alive(pid) for pid in started.pids)


def test_a_second_ctrl_c_leaves_nobody_behind(start: Callable[..., Started]) -> None:
    started = start(one=STUBBORN)

    started.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    started.process.send_signal(signal.SIGINT)

    assert started.process.wait(10) == 0
    assert not any(alive(pid) for pid in started.pids)


def test_killing_the_supervisor_ends_all(start: Callable[..., Started]) -> None:
    started = start(one=FAMILY, two=STUBBORN)
    undertaker = started.undertaker()

    started.process.kill()

    wait_for(lambda: not any(alive(pid) for pid in [*started.pids, undertaker]))


def test_killing_the_undertaker_ends_all(start: Callable[..., Started]) -> None:
    started = start(one=FAMILY)

    os.kill(started.undertaker(), signal.SIGKILL)

    assert started.process.wait(10) == 1
    assert not any(alive(pid) for pid in started.pids)


def test_a_free_port_may_be_claimed_and_still_be_listened_on() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    claim_port(port)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_would_be_shared_silently_is_refused() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"端口 {port} 不可用"):
            claim_port(port)


def test_run_refuses_a_taken_port_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "manage.py", "run", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith(f"CommandError: 端口 {port} 不可用")
    assert run.stdout == ""
