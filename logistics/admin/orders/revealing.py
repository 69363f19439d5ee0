"""An order's people in full, on record."""

from __future__ import annotations

from config.kernel.console.revealing import RevealingAdmin

REVEAL = "logistics.reveal_expressorder"
REVEALED = "查看完整收寄件信息"


class OrderRevealing(RevealingAdmin):
    """The order's page, unmasked once."""

    reveal_permission = REVEAL
    revealed_what = REVEALED
