"""配送单: the list, the page of one, and what may be done to them."""

from __future__ import annotations

from django.contrib import admin

from delivery.admin.orders.acting import ACTIONS
from delivery.admin.orders.page import OrderPage
from delivery.models import DeliveryOrder


@admin.register(DeliveryOrder)
class OrderAdmin(OrderPage):
    """配送单."""

    reasoned = ACTIONS
