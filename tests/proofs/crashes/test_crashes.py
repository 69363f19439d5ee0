"""Wherever a process dies, the books close, nothing happens twice, and nothing waits for ever."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.killer import END
from tests.proofs.crashes.stories import STORIES
from tests.proofs.crashes.story import Least, Story, died, uninterrupted


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_death_at_any_point_changes_nothing_in_the_end(
    story: Story, ground: Ground, only_point: int | None
) -> None:
    points, whole = uninterrupted(story, ground)
    enough(story, points)
    if only_point is not None and only_point > len(points):
        pytest.skip(f"{story.name} has {len(points)} points")
    failed = []
    for number, words in enumerate(points, 1):
        if only_point not in {None, number}:
            continue
        faults = died(story, ground, number, words, whole)
        if faults:
            failed.append("\n    ".join([f"[{story.name}] --point {number}: {words}", *faults]))
    assert not failed, f"{len(failed)} of {len(points)} points\n" + "\n".join(failed)


def enough(story: Story, points: Sequence[str]) -> None:
    """No kind of point escaped the count."""
    before = [words.removeprefix("before ") for words in points if words.startswith("before ")]
    after = [words.removeprefix("after ") for words in points if words.startswith("after ")]
    assert points[0].startswith("before ")
    assert points[-1] == END
    ends = [words for words in after if words in {"COMMIT", "ROLLBACK"}]
    calls = [words for words in after if words.startswith("CALL ")]
    statements = len(after) - len(ends) - len(calls)
    # Each of these is died before and after; a statement before the next one is after the last.
    assert [words for words in before if words in {"COMMIT", "ROLLBACK"}] == ends
    assert [words for words in before if words.startswith("CALL ")] == calls
    found = Least(statements, ends.count("COMMIT"), len(calls))
    print(f"{story.name}: {len(points)} points, {found}")
    assert found.statements >= story.least.statements, found
    assert found.commits >= story.least.commits, found
    assert found.calls == story.least.calls, found
