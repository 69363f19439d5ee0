"""Routes of delivery."""

from __future__ import annotations

from django.urls import include, path

from delivery.api.external import ExternalCancelView, ReceiveView, StatusView
from delivery.api.tenant import (
    DeliveriesView,
    DeliveryBatchView,
    DeliveryCancelView,
    DeliveryLabelView,
    DeliveryView,
    QuotesView,
)

_ORDERS = "api/v1/delivery-orders"

urlpatterns = [
    path("api/external/order/receive", ReceiveView.as_view(), name="external-receive"),
    path("api/external/order/status", StatusView.as_view(), name="external-status"),
    path("api/external/order/cancel", ExternalCancelView.as_view(), name="external-cancel"),
    path(_ORDERS, DeliveriesView.as_view(), name="delivery-orders"),
    path(f"{_ORDERS}/batch", DeliveryBatchView.as_view(), name="delivery-orders-batch"),
    path(f"{_ORDERS}/<str:order_no>", DeliveryView.as_view(), name="delivery-order"),
    path(
        f"{_ORDERS}/<str:order_no>/cancel",
        DeliveryCancelView.as_view(),
        name="delivery-order-cancel",
    ),
    path(
        f"{_ORDERS}/<str:order_no>/label.pdf",
        DeliveryLabelView.as_view(),
        name="delivery-order-label",
    ),
    path("api/v1/delivery-quotes", QuotesView.as_view(), name="delivery-quotes"),
    path("api/rider/", include("delivery.api.rider.urls")),
]
