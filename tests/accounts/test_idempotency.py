"""One effect and one answer per Idempotency-Key: every case there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import IdempotencyMismatch, IdempotencyRunning
from accounts.models import IdempotencyKey
from accounts.services.idempotency import (
    Claim,
    Replay,
    claim_key,
    keep_answer,
    prune_keys,
    release_key,
)
from config.kernel.errors import Malformed
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)


def claim(key: str = "k", *, body: bytes = b"{}", after: timedelta = timedelta(0)) -> Claim:
    return claim_key(
        tenant_id=1, key=key, method="POST", target="/x", body=body, at=timezone.now() + after
    )


def test_a_kept_answer_is_replayed() -> None:
    keep_answer(claim=claim(), status_code=201, answer={"id": 7})
    with pytest.raises(Replay) as caught:
        claim()
    assert (caught.value.status_code, caught.value.answer) == (201, {"id": 7})


def test_another_body_under_the_same_key_is_refused() -> None:
    keep_answer(claim=claim(), status_code=201, answer={})
    with pytest.raises(IdempotencyMismatch):
        claim(body=b"[]")


def test_a_running_key_is_refused() -> None:
    claim()
    with pytest.raises(IdempotencyRunning):
        claim()


def test_a_refused_request_leaves_the_key_free() -> None:
    release_key(claim=claim())
    assert claim(body=b"[]")


def test_a_key_whose_process_died_is_taken_over_after_its_lease() -> None:
    dead = claim()
    taken = claim(after=timedelta(seconds=61))
    assert taken.effect_key() == dead.effect_key()
    keep_answer(claim=dead, status_code=201, answer={"from": "the dead"})
    assert IdempotencyKey.objects.get().status_code is None


def test_a_day_later_the_key_is_new() -> None:
    keep_answer(claim=claim(), status_code=201, answer={})
    assert claim(body=b"[]", after=timedelta(hours=25))


def test_old_keys_are_pruned() -> None:
    claim()
    assert prune_keys(at=timezone.now() + timedelta(hours=23)) == 0
    assert prune_keys(at=timezone.now() + timedelta(hours=25)) == 1


@pytest.mark.parametrize("key", ["", "a b", "键", "k" * 256, "a\nb"])
def test_an_unusable_key_is_malformed(key: str) -> None:
    with pytest.raises(Malformed):
        claim(key)


def test_of_many_at_once_one_runs() -> None:
    results = race([claim for _ in range(12)])
    assert sum(isinstance(result, Claim) for result in results) == 1
    assert sum(isinstance(result, IdempotencyRunning) for result in results) == 11
