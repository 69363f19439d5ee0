"""Addresses of the reports, included by the console's site under `reports/`."""

from __future__ import annotations

from django.urls import path

from logistics.admin.reports.orders import OrdersReport
from logistics.admin.reports.page import report_view
from logistics.admin.reports.parcels import ParcelsReport
from logistics.admin.reports.settlement import SettlementReport
from logistics.admin.reports.tenants import TenantsReport

REPORTS = (OrdersReport, TenantsReport, SettlementReport)

urlpatterns = [
    path("orders/", report_view(OrdersReport, REPORTS), name=OrdersReport.name),
    path("tenants/", report_view(TenantsReport, REPORTS), name=TenantsReport.name),
    path("settlement/", report_view(SettlementReport, REPORTS), name=SettlementReport.name),
    path("settlement/parcels/", report_view(ParcelsReport, REPORTS), name=ParcelsReport.name),
]
