"""A hundred seeds hold, each fault and each act happened in them, and a seed is one schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from config.sandbox.faults import CALLBACK_KINDS, REQUEST_KINDS
from logistics.carriers.cainiao.sandbox.callbacks import FAULTS
from logistics.carriers.cainiao.sandbox.gateway import REQUEST_FAULTS
from logistics.states import ORDER_STATES
from tests.proofs.schedules import moves
from tests.proofs.schedules.playing import Played, play
from tests.proofs.schedules.wire import TROUBLES

# One test for all that is counted: the rows that a block leaves are the next one's to delete.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
BLOCK, SEEDS, CROWD = 10, 100, 200
# Some of the wishes are refused, on purpose.
WISHES = CROWD + CROWD // 4
POINTS = ("claimed", "intended", "calling", "answered", "logged")
_played: dict[int, Played] = {}


@pytest.fixture(autouse=True)
def witness(transactional_db: None) -> Iterator[None]:
    moves.watch()
    yield
    moves.unwatch()


def played(seed: int) -> Played:
    if seed not in _played:
        _played[seed] = play(seed)
    return _played[seed]


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_every_invariant_holds_once_the_faults_are_over(first: int) -> None:
    failed = [one for seed in range(first, first + BLOCK) if (one := played(seed)).wrong]
    assert not failed, "\n".join(
        f"seed {one.seed}: {one.wrong}\n"
        f"    python -m tests.proofs.schedules --seed {one.seed} --trace"
        for one in failed
    )


def test_hundreds_of_orders_meet_in_one_seed() -> None:
    crowd = play(1, orders=WISHES)
    assert not crowd.wrong, (
        f"{crowd.wrong}\n    python -m tests.proofs.schedules --seed 1 --orders {WISHES} --trace"
    )
    assert crowd.orders >= CROWD


def test_the_same_seed_twice_is_the_same_schedule_and_another_one_is_not() -> None:
    first, other, again = play(7), play(8), play(7)
    assert (first.digest, first.counts) == (again.digest, again.counts)
    assert first.digest != other.digest


def test_every_fault_and_every_act_happened_in_a_hundred_seeds() -> None:
    from tests.proofs.schedules.simulation import ACTIONS

    wanted = {f"action {name}" for name in ACTIONS}
    wanted |= {f"request fault {kind}" for kind in REQUEST_KINDS | REQUEST_FAULTS}
    wanted |= {f"callback fault {kind}" for kind in CALLBACK_KINDS | FAULTS}
    wanted |= {f"wire {kind}" for kind in TROUBLES}
    wanted |= {f"meanwhile {point}" for point in POINTS}
    wanted |= {
        f"worker dies {point}" for point in (*POINTS, "finishing, before", "finishing, after")
    }
    wanted |= {f"state {state}" for state in ORDER_STATES.moves}
    wanted |= {
        "worker stumbles", "worker deadlocks", "web process dies", "callback answer lost",
        "callback in", "callback not believed", "booking quota_exhausted", "left to a person",
    }  # fmt: skip
    counts = sum((played(seed).counts for seed in range(SEEDS)), Counter[str]())
    assert sorted(what for what in wanted if not counts[what]) == []
