"""Plays the main job in a database of its own: books a file of parcels and watches them travel."""

from __future__ import annotations

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.ground import AlreadyPlaying, clear, hold_folder, own_environment
from config.environment import env
from config.supervisor import PortTaken, claim_port

USUAL_PORT = 8000
HIGHEST_PORT = 65_535
SHORTEST_JOURNEY, LONGEST_JOURNEY = 5.0, 600.0


class Command(BaseCommand):
    """`demo [--oneshot] [--port N]`: serves until Ctrl-C; with `--oneshot` the exit code judges."""

    help = "演示：准备数据、批量下单、由沙箱承运，在终端里看着快件送达（使用独立的数据库）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All optional; PORT and ONESHOT in the environment (`make demo PORT=…`) say the same."""
        parser.add_argument(
            "--oneshot",
            action="store_true",
            default=env.bool("ONESHOT", default=False),
            help="演示完自行结束；每一行都如预期才以 0 退出（或 ONESHOT=1）",
        )
        parser.add_argument(
            "--port",
            type=int,
            default=os.environ.get("PORT") or None,
            help=f"网站端口，默认 {USUAL_PORT}（或 PORT=…）",
        )
        parser.add_argument("--sandbox-port", type=int, help="沙箱端口，默认 8099")
        parser.add_argument(
            "--journey", type=float, default=40.0, help="一件快递从下单到签收用几秒，默认 40"
        )

    def handle(self, *, oneshot: bool, journey: float, **options: Any) -> None:
        """Clear the ground, then become the demo."""
        if not settings.DEBUG:
            raise CommandError("演示只在开发环境运行：请去掉 DEBUG=0 后重试，生产数据不会被触碰。")
        if not SHORTEST_JOURNEY <= journey <= LONGEST_JOURNEY:
            msg = f"--journey 须在 {SHORTEST_JOURNEY:g} 到 {LONGEST_JOURNEY:g} 秒之间。"
            raise CommandError(msg)
        try:
            folder = hold_folder(settings.VAR_DIR)
        except AlreadyPlaying as exc:
            raise CommandError(str(exc)) from None
        port = self._choose(options["port"], USUAL_PORT, "PORT=8001", taken=())
        usual = urlsplit(settings.SANDBOX_URL).port or 80
        sandbox_port = self._choose(
            options["sandbox_port"], usual, 'ARGS="--sandbox-port 8100"', taken=(port,)
        )
        clear(folder)
        arguments = [
            *("--port", str(port), "--sandbox-port", str(sandbox_port)),
            *("--journey", str(journey), *(["--oneshot"] if oneshot else [])),
        ]
        environment = own_environment(
            os.environ, folder=folder, port=port, sandbox_port=sandbox_port
        )
        self.stderr.flush()
        os.chdir(settings.BASE_DIR)
        os.execve(  # noqa: S606 - ourselves again, with settings that know no other database
            sys.executable, [sys.executable, "-m", "config.demo", *arguments], environment
        )

    def _choose(self, asked: int | None, usual: int, how: str, *, taken: tuple[int, ...]) -> int:
        """Return a free port: the one asked for, the usual one, else any, which is said aloud."""
        port = usual if asked is None else asked
        if not 0 < port <= HIGHEST_PORT:
            raise CommandError(f"没有 {port} 这个端口：请在 1 到 {HIGHEST_PORT} 之间选一个。")
        try:
            if port in taken:
                raise PortTaken(f"端口 {port} 已分给网站：请换一个端口。")
            claim_port(port)
        except PortTaken as exc:
            if asked is not None:
                raise CommandError(f"{str(exc).rstrip('。')}，例如 make demo {how}。") from None
            port = _free_port()
            self.stderr.write(
                f"注意：端口 {usual} 已被占用，这次改用 {port}（要自己指定：make demo {how}）。"
            )
        return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
