"""快递订单: the list, the page of one, how one is made, and what may be done to them."""

from __future__ import annotations

from django.contrib import admin

from logistics.admin.labels import LabelPrinting, print_labels
from logistics.admin.orders.acting import ACTIONS
from logistics.admin.orders.exporting import OrderExporting
from logistics.admin.orders.importing import OrderImporting
from logistics.admin.orders.page import OrderPage
from logistics.models import ExpressOrder


@admin.register(ExpressOrder)
class OrderAdmin(LabelPrinting, OrderImporting, OrderPage, OrderExporting):
    """快递订单."""

    reasoned = ACTIONS
    actions = (print_labels,)
