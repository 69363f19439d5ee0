"""One word of the carrier on the price is one revision; found by a schedule of faults."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import pytest

from config.sandbox import Sandbox
from logistics.models import ExpressOrder, FreightRevision
from tests.logistics.conftest import content, only_order, post
from tests.reports.world import make_order, tell

pytestmark = pytest.mark.django_db(transaction=True)
AT, HOUR = datetime(2026, 11, 20, tzinfo=UTC), timedelta(hours=1)


def test_a_price_told_again_after_another_one_is_no_news(
    order: ExpressOrder, sandbox: Sandbox, work: Callable[..., None]
) -> None:
    def tell(event: dict[str, Any]) -> None:
        post(json.dumps(event), sandbox.secret())
        work()

    first = json.loads(content(order, "GOT")) | {"freight": "10.50", "weight": "1.250"}
    tell(first)
    tell(json.loads(content(order, "DEPARTURE", 1)) | {"freight": "15.50", "weight": "2.000"})
    tell(first | {"from": "another system"})
    assert FreightRevision.objects.count() == 2
    assert str(only_order().freight) == "15.50"


def test_words_that_arrive_late_stand_where_they_were_said() -> None:
    """Seven, five, seven again: whatever the order they are heard in, two changes."""
    said = {1: "7.00", 2: "5.00", 3: "7.00"}
    for heard in permutations(said):
        order = make_order(AT)
        for hour in heard:
            tell(order, AT + 9 * HOUR, freight=said[hour], happened=AT + hour * HOUR)
            tell(order, AT + 9 * HOUR, freight=said[hour], happened=AT + hour * HOUR)
        words = order.freight_revisions.order_by("event_time")
        assert [str(word.freight) for word in words] == ["7.00", "5.00", "7.00"], heard
        order.refresh_from_db()
        assert str(order.freight) == "7.00", heard


def test_a_word_that_only_repeats_the_one_before_it_is_no_change() -> None:
    order = make_order(AT)
    for hour, price in ((1, "7.00"), (3, "9.00"), (2, "7.00")):
        tell(order, AT + 9 * HOUR, freight=price, happened=AT + hour * HOUR)
    assert order.freight_revisions.count() == 2
    order.refresh_from_db()
    assert str(order.freight) == "9.00"


@pytest.mark.parametrize("seed", range(20))
def test_the_first_and_the_last_word_count_in_whatever_order_they_are_heard(seed: int) -> None:
    dice = random.Random(seed)
    said = [(hour, dice.choice(("5.00", "7.00", "9.00"))) for hour in range(1, 8)]
    for _ in range(4):
        order = make_order(AT)
        heard = [*said, *dice.sample(said, 2)]
        dice.shuffle(heard)
        for hour, price in heard:
            tell(order, AT + 9 * HOUR, freight=price, happened=AT + hour * HOUR)
        rows = order.freight_revisions.order_by("event_time")
        words = [str(row.freight) for row in rows]
        order.refresh_from_db()
        assert (words[0], words[-1], str(order.freight)) == (
            said[0][1], said[-1][1], said[-1][1],
        ), (said, heard)  # fmt: skip
        assert all(one != other for one, other in pairwise(words)), (said, heard)
