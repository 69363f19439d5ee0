"""`python -m benchmarks`: runs the cases, prints a table, writes JSON.

Exit 1 where a goal is missed; 2 where a run was void, so that its figures prove nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.ground import Ground, prepared
from benchmarks.load import Void, lacking
from benchmarks.rounds import Figure
from tests.mariadb import missing

CASES = ("creating", "receiving", "callbacks", "sending", "lists", "console", "queue", "memory")


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="two rounds, some minutes, wide spreads"
    )
    parser.add_argument("--only", nargs="+", choices=CASES, default=CASES, metavar="CASE")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument(
        "--no-goals", action="store_true", help="exit 0 for every run whose books closed"
    )
    options = parser.parse_args()
    lack = ", ".join(filter(None, [missing(), lacking()]))
    if lack:
        print(f"cannot measure without {lack}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    with prepared(quick=options.quick) as ground:
        for name in options.only:
            if not _run(name, ground, figures):
                return 2
    _print(figures)
    if options.json:
        options.json.write_text(
            json.dumps({"machine": machine(), "figures": [f.as_json() for f in figures]}, indent=1)
        )
    missed = [figure.name for figure in figures if figure.met is False]
    return 1 if missed and not options.no_goals else 0


def _run(name: str, ground: Ground, figures: list[Figure]) -> bool:
    began = time.monotonic()
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        figures += importlib.import_module(f"benchmarks.cases.{name}").run(ground)
    except Void as exc:
        print(f"VOID: {name}: {exc}", file=sys.stderr)
        return False
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return True


def machine() -> str:
    """Its size, for whoever reads the figures elsewhere."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores, {pages / 2**30:.0f} GiB, Python {platform.python_version()}"


def _print(figures: list[Figure]) -> None:
    table = Table(title=machine())
    for column in ("figure", "median", "min–max", "goal", "", "beside"):
        table.add_column(column)
    for f in figures:
        goal = f"≥ {f.at_least:g}" if f.at_least is not None else ""
        goal = f"≤ {f.at_most:g}" if f.at_most is not None else goal
        verdict = {True: "met", False: "MISSED", None: ""}[f.met]
        table.add_row(
            f.name, f"{f.median:.2f} {f.unit}", f"{f.low:.2f}–{f.high:.2f}", goal, verdict, f.beside
        )
    Console(width=150).print(table)


if __name__ == "__main__":
    sys.exit(main())
