"""Routes of quotas."""

from __future__ import annotations

from django.urls import path

from quotas.api.platform import DetailsView, QuotaRemovalView, QuotasView
from quotas.api.tenant import QuotaView, StatementsView

_QUOTAS = "api/platform/cainiao/quotas"

urlpatterns = [
    path("api/v1/quota", QuotaView.as_view(), name="quota"),
    path("api/v1/quota/statements", StatementsView.as_view(), name="quota-statements"),
    path(_QUOTAS, QuotasView.as_view(), name="platform-quotas"),
    path(f"{_QUOTAS}/<int:quota_id>", QuotaRemovalView.as_view(), name="platform-quota"),
    path(f"{_QUOTAS}/details", DetailsView.as_view(), name="platform-quota-details"),
]
