"""Routes of logistics."""

from __future__ import annotations

from django.urls import path

from logistics.api.platform.addresses import BranchView, ParseView
from logistics.api.platform.config import ConfigTestView, ConfigView
from logistics.api.platform.logs import LogsView
from logistics.api.platform.orders import (
    CreateView,
    PlatformCancelView,
    PlatformOrdersView,
    PlatformOrderView,
    WaybillView,
)
from logistics.api.platform.reports import (
    OrdersReportView,
    SettlementReportView,
    TenantsReportView,
)
from logistics.api.platform.rules import RulesView, RuleView
from logistics.api.tenant import (
    BatchView,
    CancelView,
    LabelView,
    OrdersView,
    OrderView,
)
from logistics.callbacks import cainiao_callback

_PLATFORM = "api/platform/cainiao"
_ORDERS = f"{_PLATFORM}/orders"

urlpatterns = [
    path("api/v1/express-orders", OrdersView.as_view(), name="express-orders"),
    path("api/v1/express-orders/batch", BatchView.as_view(), name="express-orders-batch"),
    path("api/v1/express-orders/<str:order_no>", OrderView.as_view(), name="express-order"),
    path(
        "api/v1/express-orders/<str:order_no>/cancel",
        CancelView.as_view(),
        name="express-order-cancel",
    ),
    path(
        "api/v1/express-orders/<str:order_no>/label.pdf",
        LabelView.as_view(),
        name="express-order-label",
    ),
    path(f"{_PLATFORM}/config", ConfigView.as_view(), name="platform-config"),
    path(f"{_PLATFORM}/config/test", ConfigTestView.as_view(), name="platform-config-test"),
    path(f"{_PLATFORM}/rules", RulesView.as_view(), name="platform-rules"),
    path(f"{_PLATFORM}/rules/<int:rule_id>", RuleView.as_view(), name="platform-rule"),
    path(_ORDERS, PlatformOrdersView.as_view(), name="platform-orders"),
    path(f"{_ORDERS}/create", CreateView.as_view(), name="platform-order-create"),
    path(f"{_ORDERS}/<int:order_id>", PlatformOrderView.as_view(), name="platform-order"),
    path(f"{_ORDERS}/<int:order_id>/waybill", WaybillView.as_view(), name="platform-order-waybill"),
    path(
        f"{_ORDERS}/<int:order_id>/cancel",
        PlatformCancelView.as_view(),
        name="platform-order-cancel",
    ),
    path(f"{_PLATFORM}/address/parse", ParseView.as_view(), name="platform-address-parse"),
    path(f"{_PLATFORM}/branch/find", BranchView.as_view(), name="platform-branch-find"),
    path(f"{_PLATFORM}/logs", LogsView.as_view(), name="platform-logs"),
    path(f"{_PLATFORM}/callback", cainiao_callback, name="cainiao-callback"),
    path("api/platform/reports/orders", OrdersReportView.as_view(), name="report-orders"),
    path("api/platform/reports/tenants", TenantsReportView.as_view(), name="report-tenants"),
    path(
        "api/platform/reports/settlement", SettlementReportView.as_view(), name="report-settlement"
    ),
]
