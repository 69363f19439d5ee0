"""Plays seeds in processes of their own; exit code 1 and one command per failing seed."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator

from tests import mariadb
from tests.engines import ENGINES
from tests.proofs.schedules.crowd import play_many
from tests.proofs.schedules.databases import own_database
from tests.proofs.schedules.playing import ORDERS, Played, play


def main(arguments: list[str]) -> int:
    """Run one of the forms of the package's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.schedules")
    parser.add_argument("--seeds", type=_range, default=range(100), help="FIRST-LAST")
    parser.add_argument("--seed", type=int, help="one seed, in this process")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--orders", type=int, default=ORDERS, help="orders a seed")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--trace", action="store_true", help="with --seed: print what happens")
    parser.add_argument("--counts", action="store_true", help="print how often what happened")
    asked = parser.parse_args(arguments)
    server = mariadb.private_server() if asked.engine == "mariadb" else contextlib.nullcontext("")
    with server as url:
        began = time.monotonic()
        if asked.seed is not None:
            with own_database(url):
                played = [play(asked.seed, orders=asked.orders, aloud=asked.trace)]
        else:
            many = play_many(asked.seeds, orders=asked.orders, jobs=asked.jobs, server=url)
            played = _show(many, len(asked.seeds))
    return _sum_up(asked, played, time.monotonic() - began)


def _show(played: Iterator[Played], of: int) -> list[Played]:
    kept: list[Played] = []
    failed = 0
    for one in played:
        kept.append(one)
        failed += bool(one.wrong)
        if one.wrong:
            print(f"seed {one.seed}: {one.wrong}", flush=True)
        if len(kept) % 50 == 0 or len(kept) == of:
            print(f"{len(kept)} of {of} seeds, {failed} failed", flush=True)
    return kept


def _sum_up(asked: argparse.Namespace, played: list[Played], seconds: float) -> int:
    failed = sorted(one.seed for one in played if one.wrong)
    counts = sum((one.counts for one in played), Counter[str]())
    if asked.counts:
        for what, n in sorted(counts.items()):
            print(f"{n:8d} {what}")
    for one in played if asked.seed is not None else []:
        print(f"seed {one.seed}: {one.digest} {one.wrong or 'holds'}")
    cpu = sum(one.seconds for one in played) / max(1, len(played))
    print(
        f"{len(played)} seeds, {sum(one.orders for one in played)} orders, {len(failed)} failed;"
        f" {asked.engine}, {seconds:.0f} s, {cpu:.2f} s of CPU a seed"
    )
    more = f" --orders {asked.orders}" if asked.orders != ORDERS else ""
    more += f" --engine {asked.engine}" if asked.engine != "sqlite" else ""
    for seed in failed:
        print(f"python -m tests.proofs.schedules --seed {seed}{more} --trace")
    return 1 if failed else 0


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
