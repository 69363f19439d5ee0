"""A use case as a story: laid out by this process, acted out by one that dies, ended by others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.kernel.errors import Refusal
from logistics.models import CallLog
from quotas.queries import find_discrepancies
from tests.proofs.crashes.children import End, run_child
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.snapshot import differences, snapshot, unsettled

Part = Callable[[Ground], None]


def nobody(_: Ground) -> None:
    """Nobody waited for an answer: the rows alone must do."""


@dataclass(frozen=True)
class Least:
    """How many of each the use case cannot do without: a count below would miss points."""

    statements: int
    commits: int
    calls: int


@dataclass(frozen=True)
class Story:
    """`act` is what dies, `again` what whoever got no answer does, `after` what follows anyway.

    `ends` says how the uninterrupted run must end, so that all runs are not wrong alike;
    `may_differ` names places of the snapshot that a death may change in this story, and why.
    """

    name: str
    lay: Part
    act: Part
    ends: Callable[[Ground], Any]
    least: Least
    again: Part = nobody
    after: Part = Ground.settle
    at_the_door: bool = False
    may_differ: tuple[str, ...] = ()


def play(story: Story, ground: Ground, kill_at: int | None) -> End:
    """Lay the story out and have its act run in a child."""
    story.lay(ground)
    if story.at_the_door:
        return ground.door.answered_by_child(lambda: story.act(ground), kill_at)
    return run_child(lambda: story.act(ground), kill_at)


def uninterrupted(story: Story, ground: Ground) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Run to the end; returns the points it could have died at, and the world it left."""
    with ground.fresh():
        end = play(story, ground, None)
        assert not end.error, end.error
        story.after(ground)
        story.ends(ground)
        assert unsettled(ground) == []
        assert unlogged(ground) == 0
        return end.points, snapshot(ground)


def died(story: Story, ground: Ground, point: int, words: str, whole: dict[str, Any]) -> list[str]:
    """Die at one point; returns everything that is not as if nobody had died."""
    with ground.fresh():
        end = play(story, ground, point)
        if end.died is None:
            return [end.error or "it did not die"]
        if end.died != words:
            return [f"not the point that was counted: {words}, but {end.died}"]
        # Nothing is half done even now, before anybody has come to mend it.
        faults = [f"at once: {row}" for row in find_discrepancies()]
        try:
            story.again(ground)
            story.after(ground)
        except (AssertionError, Refusal) as exc:
            return [*faults, f"afterwards: {type(exc).__name__}: {exc}"]
        faults += unsettled(ground)
        if unlogged(ground) not in {0, 1}:
            faults.append(f"{unlogged(ground)} calls left no row, one died before it could")
        found = differences(whole, snapshot(ground))
        return faults + [line for line in found if not line.startswith(story.may_differ)]


def overslept(story: Story, ground: Ground, point: int) -> list[str]:
    """Sleep at one point until others have ended the story; returns what waking up changed."""
    with ground.fresh():
        story.lay(ground)
        ended: list[dict[str, Any]] = []

        def others() -> None:
            story.again(ground)
            ground.settle()
            ended.append(snapshot(ground))

        end = run_child(lambda: story.act(ground), point, asleep=others)
        if end.error or not ended:
            return [end.error or "it did not sleep"]
        ground.settle()
        return unsettled(ground) + differences(ended[0], snapshot(ground))


def unlogged(ground: Ground) -> int:
    """How many questions the carrier got that our call log does not know."""
    requests = ground.sandbox.state()["counters"]["requests"]
    return int(sum(requests.values())) - CallLog.objects.count()
