"""Half an emoji inside a text that is JSON itself costs no callback, on either engine."""

from __future__ import annotations

import json

import pytest

from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallbackRecord
from tests.logistics.conftest import post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("broken", ["\ud83d", "\x00"])
@pytest.mark.parametrize("depth", [1, 30])
def test_a_callback_with_a_broken_character_deep_inside_is_kept_and_acknowledged(
    account: CainiaoAccount, sandbox: Sandbox, broken: str, depth: int
) -> None:
    inner = json.dumps({"note": f"已签收{broken}"})
    text = json.dumps({"status": "SIGNED", "printData": inner, "deep": 0})
    text = text.replace('"deep": 0', f'"deep": {"[" * depth}{"]" * depth}')
    assert post(text, sandbox.secret()).status_code == 200
    shown = json.dumps(CallbackRecord.objects.get().raw_data, ensure_ascii=False)
    assert "已签收" in shown
    shown.encode()  # no lone surrogate is left in it
    assert "\x00" not in shown
