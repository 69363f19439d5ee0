"""Routes of quotas."""

from __future__ import annotations

from django.urls import path

from quotas.api.tenant import QuotaView, StatementsView

urlpatterns = [
    path("api/v1/quota", QuotaView.as_view(), name="quota"),
    path("api/v1/quota/statements", StatementsView.as_view(), name="quota-statements"),
]
