"""Routes of `/api/rider`."""

from __future__ import annotations

from django.urls import path

from delivery.api.rider.duty import DutyView, MeView, PositionView
from delivery.api.rider.login import LoginView
from delivery.api.rider.orders import DeclineView, MineView, NearView, OffersView, OrderView
from delivery.api.rider.steps import (
    AcceptView,
    ArriveView,
    DeliverView,
    HandBackView,
    PickupView,
    ReturnedView,
    ReturnView,
)

_ORDER = "orders/<str:order_no>"

urlpatterns = [
    path("login", LoginView.as_view(), name="rider-login"),
    path("me", MeView.as_view(), name="rider-me"),
    path("duty", DutyView.as_view(), name="rider-duty"),
    path("position", PositionView.as_view(), name="rider-position"),
    path("offers", OffersView.as_view(), name="rider-offers"),
    path("offers/<int:offer_id>/decline", DeclineView.as_view(), name="rider-decline"),
    path("orders", NearView.as_view(), name="rider-near"),
    path("orders/mine", MineView.as_view(), name="rider-mine"),
    path(_ORDER, OrderView.as_view(), name="rider-order"),
    path(f"{_ORDER}/accept", AcceptView.as_view(), name="rider-accept"),
    path(f"{_ORDER}/arrive", ArriveView.as_view(), name="rider-arrive"),
    path(f"{_ORDER}/pickup", PickupView.as_view(), name="rider-pickup"),
    path(f"{_ORDER}/deliver", DeliverView.as_view(), name="rider-deliver"),
    path(f"{_ORDER}/hand-back", HandBackView.as_view(), name="rider-hand-back"),
    path(f"{_ORDER}/return", ReturnView.as_view(), name="rider-return"),
    path(f"{_ORDER}/returned", ReturnedView.as_view(), name="rider-returned"),
]
