"""Plays the demo from the first row to the last, then judges it or goes on serving."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from rich.console import Console

from config.demo.board import Parcel
from config.demo.door import SandboxDoor
from config.demo.example import example
from config.demo.preparing import Ground, prepare
from config.demo.programs import NotReady, demo_programs, log_file, wait_until_ready
from config.demo.scenario import (
    CALLBACK,
    ORDERS,
    REFUSED,
    Expectation,
    Fate,
    differences,
    load_expectations,
)
from config.demo.summary import add_up, show_addresses, show_figures, show_remarkable
from config.demo.watching import watch
from config.supervisor import Crew, ProgramEnded, running
from logistics.services.importing import RowResult, book_rows, label_of, read_rows

# On top of a journey: a deadline, two "no such order" a deadline apart, and a slow machine.
GRACE = 75.0
PIPE_WIDTH = 110
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Wish:
    """How the demo is to run."""

    port: int
    sandbox_port: int
    journey: float
    oneshot: bool


def main(arguments: Sequence[str]) -> int:
    """Play; 0 when all ended as it must, or when a person stopped it after that."""
    wish = _read(arguments)
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    play = _Play(wish, console)
    try:
        return play.run()
    except KeyboardInterrupt:
        console.print("已停止。")
        return INTERRUPTED if wish.oneshot else 0
    except (ProgramEnded, NotReady) as exc:
        console.print(f"{exc}\n日志：{log_file()}", style="red", highlight=False)
        return 1


def _read(arguments: Sequence[str]) -> Wish:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sandbox-port", type=int, required=True)
    parser.add_argument("--journey", type=float, required=True)
    parser.add_argument("--oneshot", action="store_true")
    return Wish(**vars(parser.parse_args(arguments)))


class _Play:
    def __init__(self, wish: Wish, console: Console) -> None:
        self.wish = wish
        self.console = console
        self.expected = load_expectations()
        self.door = SandboxDoor(settings.SANDBOX_URL)

    def run(self) -> int:
        self._say("准备演示数据……")
        ground = prepare()
        self._say("启动网站、后台进程、时钟和沙箱……")
        programs = demo_programs(
            port=self.wish.port, sandbox_port=self.wish.sandbox_port, journey=self.wish.journey
        )
        with running(programs) as crew:
            try:
                return self._play(crew, ground)
            except KeyboardInterrupt:
                self._say("正在停止……")
                raise

    def _play(self, crew: Crew, ground: Ground) -> int:
        wait_until_ready(crew)
        self.door.add_account(**ground.account)
        self._arrange_faults()
        results = self._book(ground.tenant_id)
        parcels = watch(
            crew=crew,
            door=self.door,
            console=self.console,
            tenant_id=ground.tenant_id,
            expected=self.expected,
            seconds=self.wish.journey + GRACE,
        )
        well = self._judge(ground, results, parcels)
        show_addresses(self.console, operator=ground.operator, password=ground.password)
        if self.wish.oneshot:
            folder = os.path.relpath(settings.VAR_DIR, settings.BASE_DIR)
            self._say(f"演示结束。数据还在，想再打开看：VAR_DIR={folder} make run")
            return 0 if well else 1
        self._say("\n再寄一单（粘贴到另一个终端，需要 curl 和 openssl）：", style="bold")
        pasted = example(api_key=ground.api_key, api_secret=ground.api_secret)
        # As it is, however narrow the terminal: it is meant to be pasted.
        self.console.out(pasted, highlight=False)
        self._say("按 Ctrl-C 停止。", style="bold")
        try:
            crew.wait()
        except KeyboardInterrupt:
            self._say("正在停止……")
        return 0 if well else 1

    def _arrange_faults(self) -> None:
        faulty = [(one, one.fault) for one in self.expected if one.fault is not None]
        self._say(f"安排 {len(faulty)} 处故障：")
        for one, fault in faulty:
            self._say(f"　{one.number}　{one.shows}（{fault.kind}）", style="dim")
            if fault.on != CALLBACK:
                self.door.add_fault(fault.asked(journey=self.wish.journey))

    def _book(self, tenant_id: int) -> list[RowResult]:
        """Book the file; a callback's fault is arranged as soon as our number is known."""
        faults = {one.line: one.fault for one in self.expected}
        results = []
        rows = read_rows(ORDERS.read_bytes())
        self._say(f"下单：{ORDERS.relative_to(settings.BASE_DIR)}，{len(rows)} 行")
        for result in book_rows(rows, tenant_id=tenant_id, at=timezone.now()):
            results.append(result)
            fault = faults.get(result.line)
            if result.booked and fault and fault.on == CALLBACK:
                number = result.booked.order.order_no
                self.door.add_fault(fault.asked(journey=self.wish.journey, order_no=number))
            for name, texts in result.errors.items():
                where = f"第 {result.line} 行 {label_of(name)}" if name else f"第 {result.line} 行"
                self._say(f"　{where}：{'；'.join(texts)}", style="yellow")
        booked = sum(result.booked is not None for result in results)
        self._say(f"下单成功 {booked} 行，读取时拒绝 {len(results) - booked} 行。")
        return results

    def _judge(self, ground: Ground, results: list[RowResult], parcels: list[Parcel]) -> bool:
        figures = add_up(
            tenant_id=ground.tenant_id, parcels=parcels, expected=self.expected, door=self.door
        )
        show_remarkable(self.console, expected=self.expected, parcels=parcels)
        show_figures(self.console, figures)
        problems = differences(self.expected, fates(results, parcels)) + figures.problems
        for problem in problems:
            self._say(f"✗ {problem}", style="red")
        if not problems:
            self._say(_verdict(self.expected), style="green")
        return not problems

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)


def fates(results: list[RowResult], parcels: list[Parcel]) -> dict[int, Fate]:
    """Return what became of every line."""
    by_number = {parcel.order_no: parcel for parcel in parcels}
    found = {}
    for result in results:
        if result.booked is None:
            reason = "；".join(text for texts in result.errors.values() for text in texts)
            found[result.line] = Fate(REFUSED, reason, tuple(sorted(result.errors)))
        else:
            parcel = by_number[result.booked.order.order_no]
            found[result.line] = Fate(parcel.status, parcel.news)
    return found


def _verdict(expected: list[Expectation]) -> str:
    travelled = sum(one.end in {"signed", "rejected"} for one in expected)
    return f"✓ {len(expected)} 行全部如预期：{travelled} 件送到了门口，其余该停的停在了该停的地方。"
