"""`make demo` as a stranger runs it: real programs, real HTTP, an exit code that can be trusted."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.mariadb import ROOT

# The demo has a database of its own: what the suite runs on makes no difference.
pytestmark = pytest.mark.engine("sqlite")
NOT_THE_CLONE = {".git", "var", "__pycache__"}


def free_ports() -> tuple[str, str]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        web, sandbox = (str(probe.getsockname()[1]) for probe in probes)
    return web, sandbox


def demo(*arguments: str, var: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(var), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def var() -> Path:
    """Not pytest's own folder: what is said of it must fit on a line."""
    return Path(os.environ["VAR_DIR"]) / f"demo-{time.monotonic_ns()}"


def clone() -> set[Path]:
    found = set()
    for folder, below, files in os.walk(ROOT):
        below[:] = [
            name for name in below if name not in NOT_THE_CLONE and not name.startswith(".")
        ]
        found |= {Path(folder) / name for name in files}
    return found


def descendants(pid: int) -> set[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = {int(child) for child in children.read_text().split()} if children.exists() else set()
    return found.union(*(descendants(child) for child in found)) if found else found


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.timeout(200)
def test_one_shot_ends_by_itself_and_every_row_as_expected(var: Path, tmp_path: Path) -> None:
    web, sandbox = free_ports()
    before = clone()
    precious = tmp_path / "precious.sqlite3"
    process = demo(
        "--sandbox-port", sandbox, "--journey", "8", var=var,
        ONESHOT="1", PORT=web, DATABASE_URL=f"sqlite:///{precious}",
    )  # fmt: skip
    said, _ = process.communicate(timeout=150)
    assert process.returncode == 0, said
    assert "行全部如预期" in said
    assert re.search(r"对账 check_quotas +平 *\n", said)
    assert re.search(r"沙箱记下的违规 +0 次 *\n", said)
    assert re.search(r"重复，没有第二次效果 +1 *\n", said)
    assert re.search(r"尚未处理 +0 *\n", said)
    assert f"http://127.0.0.1:{web}/admin/" in said
    assert "Traceback" not in said + (var / "demo" / "demo.log").read_text()
    assert "\x1b[" not in said
    assert not precious.exists()
    assert clone() <= before


@pytest.mark.timeout(120)
def test_ctrl_c_in_the_middle_leaves_nobody_behind_and_is_no_failure(var: Path) -> None:
    web, sandbox = free_ports()
    process = demo("--port", web, "--sandbox-port", sandbox, var=var)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("下单成功"):
            break
    family = descendants(process.pid)
    assert len(family) >= 5
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert said.splitlines()[-1] == "已停止。"
    assert not [pid for pid in family if alive(pid)]


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_taken_port_that_was_asked_for_is_refused_in_one_sentence(var: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        other = free_ports()[0]
        ports = {"--port": other, "--sandbox-port": other, option: port}
        process = demo(*(word for pair in ports.items() for word in pair), var=var)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (sentence,) = said.splitlines()
    assert sentence.startswith(f"CommandError: 端口 {port} 不可用")
    assert "make demo" in sentence


def test_it_refuses_where_debug_is_off(var: Path) -> None:
    process = demo(var=var, DEBUG="0", ALLOWED_HOSTS="tonglu.example.com")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith("CommandError: 演示只在开发环境运行")
    assert not (var / "demo").exists()
