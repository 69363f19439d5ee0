"""The table of states says exactly what CONTRACT section 5 says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.states import NotAllowed, StateTable
from logistics.states import CANCELLABLE, ORDER_STATES, RANK, TERMINAL, OrderStatus

states = st.sampled_from(OrderStatus.values)


def test_the_ten_words_are_there() -> None:
    assert set(OrderStatus.values) == set(ORDER_STATES.moves) == {
        "created", "waybill_created", "dispatched", "picked", "in_transit", "delivering",
        "signed", "rejected", "exception", "cancelled",
    }  # fmt: skip


def test_three_are_terminal() -> None:
    assert {"signed", "rejected", "cancelled"} == TERMINAL


@given(states, states)
def test_moves_go_forward_to_exception_or_to_cancelled(old: str, new: str) -> None:
    forward = old in RANK and new in RANK and RANK[new] > RANK[old]
    expected = old not in TERMINAL and (
        forward
        or (new == "exception" and old != "exception")
        or (old == "exception" and new != "exception")
        or (new == "cancelled" and old in CANCELLABLE)
    )
    assert ORDER_STATES.allows(old, new) == expected


def test_a_move_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(NotAllowed):
        ORDER_STATES.require("signed", "created")


def test_a_table_with_a_stray_state_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="row of their own"):
        StateTable({"a": {"b"}})
