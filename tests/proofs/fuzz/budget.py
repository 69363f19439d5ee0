"""How long a fuzzer plays: HYPOTHESIS_FUZZ_FACTOR multiplies every number of examples."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

# HYPOTHESIS_… because tests/engines.py lets nothing else of the environment through.
FACTOR = float(os.environ.get("HYPOTHESIS_FUZZ_FACTOR", "1"))


def examples(number: int, **more: Any) -> settings:
    """Settings for so many examples; a failure prints what repeats it."""
    return settings(
        max_examples=max(1, round(number * FACTOR)),
        suppress_health_check=list(HealthCheck),
        deadline=None,
        print_blob=True,
        **more,
    )
