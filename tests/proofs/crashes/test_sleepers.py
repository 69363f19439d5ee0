"""A worker that wakes up after its lease has run out, an answer in its hands, changes nothing."""

from __future__ import annotations

import pytest

from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.stories import SLEEPERS
from tests.proofs.crashes.story import Story, overslept, uninterrupted

ASKING = [story for story in SLEEPERS if story.least.calls]


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("story", ASKING, ids=lambda story: story.name)
def test_an_answer_that_outlived_its_lease_changes_nothing(
    story: Story, ground: Ground, only_point: int | None
) -> None:
    points, _ = uninterrupted(story, ground)
    answered = [n for n, words in enumerate(points, 1) if words.startswith("after CALL ")]
    assert len(answered) == story.least.calls
    if only_point is not None and only_point not in answered:
        pytest.skip(f"no answer comes at point {only_point} of {story.name}")
    failed = []
    for number in answered:
        if only_point not in {None, number}:
            continue
        faults = overslept(story, ground, number)
        if faults:
            words = points[number - 1]
            failed.append("\n    ".join([f"[{story.name}] --point {number}: {words}", *faults]))
    assert not failed, f"{len(failed)} of {len(answered)} points\n" + "\n".join(failed)
