"""A real browser: what its console complains of fails the test, and each stop leaves a picture."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import ConsoleMessage, Page, ViewportSize, sync_playwright

from tests.mariadb import ROOT

SHOTS = ROOT / "var" / "screenshots"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def missing() -> str:
    """What a machine lacks to run a browser, as a sentence; empty when nothing."""
    if not _chromium():
        return "Chromium is needed: apt-get install chromium fonts-noto-cjk"
    return ""


def _chromium() -> str:
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


class Visitor:
    """Somebody at the console."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        """Open a page of ours."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def picture(self, name: str) -> None:
        """Four pictures of the page as it stands: wide and narrow, light and dark."""
        self._pictures(name, [(scheme, size) for scheme in SCHEMES for size in (WIDE, NARROW)])

    def glance(self, name: str) -> None:
        """Two pictures of it: wide and light, narrow and dark."""
        self._pictures(name, [("light", WIDE), ("dark", NARROW)])

    def _pictures(self, name: str, views: Sequence[tuple[Scheme, ViewportSize]]) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        for scheme, size in views:
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size(size)
            file = SHOTS / f"{name}-{scheme}-{size['width']}.png"
            self.page.screenshot(path=file, full_page=True, animations="disabled")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(WIDE)

    def widest(self) -> int:
        """How far the page reaches beyond a phone's width, in pixels."""
        self.page.set_viewport_size(NARROW)
        over: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        self.page.set_viewport_size(WIDE)
        return over


@contextlib.contextmanager
def visiting(base: str, downloads: Path) -> Iterator[Visitor]:
    """Open a browser window; whatever it complained of fails the test at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(), args=ARGUMENTS, downloads_path=downloads
        )
        context = browser.new_context(
            viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
        )
        context.set_default_timeout(20_000)
        visitor = Visitor(context.new_page(), base)
        try:
            yield visitor
        finally:
            SHOTS.mkdir(parents=True, exist_ok=True)
            visitor.page.screenshot(path=SHOTS / "where-it-ended.png", full_page=True)
            browser.close()
    assert visitor.complaints == [], visitor.complaints
