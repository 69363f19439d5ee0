"""The client of the delivery guide (S000, 2.2 and 3.1–3.3) as it stands, around a back end of ours.

The guide is read where it lies when the test runs; nothing of it is kept here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.mariadb import ROOT

OURS = Path(__file__).parent / "tenant_clients"
SECTIONS = {
    "2.2": "config/delivery.js",
    "3.1": "services/deliveryService.js",
    "3.2": "services/orderService.js",
    "3.3": "routes/delivery.js",
}
# It asks a model that the file does not import.
STATUS_ROUTE = re.compile(r"/\*\*(?:(?!\*/).)*\*/\nrouter\.get\('/status/.*?\n\}\);\n", re.DOTALL)
SECONDS = 30


def guide() -> str:
    """The guide's text; without it the test fails, since what it would prove is not proved."""
    folder = Path(os.environ.get("SEEDS_DIR") or ROOT.parent / "shared" / "seeds")
    found = sorted(folder.glob("000_*.txt"))
    if not found:
        pytest.fail(f"The delivery guide (000_*.txt) is not in {folder}: set SEEDS_DIR.")
    return found[0].read_text(encoding="utf-8")


def code_of(text: str, section: str) -> str:
    """The first JavaScript of a section."""
    part = text.partition(f"\n### {section} ")[2].partition("\n### ")[0]
    code = re.search(r"^```javascript\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    assert code, f"section {section} of the guide has no JavaScript"
    return code.group(1)


def packages() -> Path:
    """What the guide tells to install, and express, at the versions of the lock file."""
    lock = (OURS / "package-lock.json").read_bytes()
    cache = ROOT / "var" / "cache" / f"tenant-clients-{hashlib.sha256(lock).hexdigest()[:12]}"
    done = cache / "installed"
    if not done.exists():
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(OURS / name, cache)
        install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        ran = subprocess.run(
            install, cwd=cache, check=False, capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == 0, f"npm ci failed:\n{ran.stderr}"
        done.touch()
    return cache / "node_modules"


def lay_out(folder: Path) -> None:
    """Write the guide's files where it says, and ours around them."""
    text = guide()
    for section, name in SECTIONS.items():
        code = code_of(text, section)
        if section == "3.3":
            code, dropped = STATUS_ROUTE.subn("", code)
            assert dropped == 1, "the guide's status route is not where it was"
            assert "router.post('/callback'" in code
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
    for name in ("models.js", "server.js"):
        shutil.copy(OURS / name, folder)
    (folder / "node_modules").symlink_to(packages())


@dataclass(frozen=True, slots=True)
class BackEnd:
    """A mini-program's server, whose user the test plays."""

    url: str

    def do(self, deed: str, **data: Any) -> Any:
        return self.ask(deed, **data)[0]

    def ask(self, deed: str, **data: Any) -> tuple[Any, int]:
        """What the guide's code returned, and the HTTP status of its last call to the platform."""
        request = urllib.request.Request(f"{self.url}/test/{deed}", json.dumps(data).encode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            said = json.load(answer)
        return said["result"], said["status"]

    def heard(self, order_no: str) -> list[dict[str, Any]]:
        """The callbacks of one order, as they came."""
        return [one for one in self.do("heard") if one["body"]["order_no"] == order_no]

    def order(self, order_no: str) -> dict[str, Any]:
        (found,) = [o for o in self.do("orders") if o.get("deliveryOrderNo") == order_no]
        return dict(found)


@contextlib.contextmanager
def back_end(folder: Path, port: int, **settings: str) -> Iterator[BackEnd]:
    """The guide's code, serving; `settings` are the environment variables of its 2.3.

    What it prints may hold the secret, so it stays in the folder and is never shown once it runs.
    """
    lay_out(folder)
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), **settings}
    with (folder / "log").open("wb") as log:
        node = subprocess.Popen(
            ["node", "server.js"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert node.stdout
        started = node.stdout.readline()
        assert started == b"listening\n", (folder / "log").read_text()
        yield BackEnd(f"http://127.0.0.1:{port}")
    finally:
        node.kill()
        node.communicate()


def until(look: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + SECONDS
    while not look():
        assert time.monotonic() < ends, f"{what}: never within {SECONDS} s"
        time.sleep(0.2)
