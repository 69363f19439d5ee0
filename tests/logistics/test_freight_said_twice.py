"""One word of the carrier on the price is one revision; found by a schedule of faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from config.sandbox import Sandbox
from logistics.models import ExpressOrder, FreightRevision
from tests.logistics.conftest import content, only_order, post

pytestmark = pytest.mark.django_db(transaction=True)


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
