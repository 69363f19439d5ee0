"""Routes of logistics."""

from __future__ import annotations

from django.urls import path

from logistics.api.tenant import BatchView, CancelView, OrdersView, OrderView
from logistics.callbacks import cainiao_callback

urlpatterns = [
    path("api/v1/express-orders", OrdersView.as_view(), name="express-orders"),
    path("api/v1/express-orders/batch", BatchView.as_view(), name="express-orders-batch"),
    path("api/v1/express-orders/<str:order_no>", OrderView.as_view(), name="express-order"),
    path(
        "api/v1/express-orders/<str:order_no>/cancel",
        CancelView.as_view(),
        name="express-order-cancel",
    ),
    path("api/platform/cainiao/callback", cainiao_callback, name="cainiao-callback"),
]
