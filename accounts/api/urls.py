"""Routes of accounts."""

from __future__ import annotations

from django.urls import path

from accounts.api.tokens import TokenView

urlpatterns = [path("api/platform/auth/token", TokenView.as_view(), name="platform-token")]
