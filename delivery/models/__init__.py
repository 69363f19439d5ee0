"""Tables of delivery."""

from __future__ import annotations

from delivery.models.orders import DeliveryOrder, DeliveryProof, DeliveryStep, RiderPosition
from delivery.models.riders import DispatchOffer, Rider
from delivery.models.settings import DeliverySettings, PriceRule

__all__ = [
    "DeliveryOrder",
    "DeliveryProof",
    "DeliverySettings",
    "DeliveryStep",
    "DispatchOffer",
    "PriceRule",
    "Rider",
    "RiderPosition",
]
