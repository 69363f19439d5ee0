"""Routes of accounts."""

from __future__ import annotations

from django.urls import path

from accounts.api.callback_settings import RotateSecretView, SettingsView, VerifyView
from accounts.api.callbacks import CallbackLogView, CallbackView, EventsView
from accounts.api.credentials import CredentialsView, RevokeView, RotateView
from accounts.api.endpoints import EndpointsView, PauseView, ResumeView
from accounts.api.resending import ResendManyView, ResendOneView, TestEventView
from accounts.api.tokens import TokenView

_CALLBACKS = "api/v1/callbacks"
_ONE = f"{_CALLBACKS}/<str:event_id>"
_KEYS = "api/v1/credentials"

urlpatterns = [
    path("api/platform/auth/token", TokenView.as_view(), name="platform-token"),
    path(_CALLBACKS, CallbackLogView.as_view(), name="callbacks"),
    path(f"{_CALLBACKS}/resend", ResendManyView.as_view(), name="callbacks-resend"),
    path(f"{_CALLBACKS}/test", TestEventView.as_view(), name="callbacks-test"),
    path(f"{_CALLBACKS}/endpoints", EndpointsView.as_view(), name="callback-endpoints"),
    path(f"{_CALLBACKS}/pause", PauseView.as_view(), name="callbacks-pause"),
    path(f"{_CALLBACKS}/resume", ResumeView.as_view(), name="callbacks-resume"),
    path(f"{_CALLBACKS}/settings", SettingsView.as_view(), name="callback-settings"),
    path(f"{_CALLBACKS}/rotate-secret", RotateSecretView.as_view(), name="callback-secret"),
    path(f"{_CALLBACKS}/verify-signature", VerifyView.as_view(), name="callback-signature"),
    path(_ONE, CallbackView.as_view(), name="callback"),
    path(f"{_ONE}/resend", ResendOneView.as_view(), name="callback-resend"),
    path("api/v1/events", EventsView.as_view(), name="events"),
    path(_KEYS, CredentialsView.as_view(), name="credentials"),
    path(f"{_KEYS}/rotate", RotateView.as_view(), name="credentials-rotate"),
    path(f"{_KEYS}/<str:key_id>/revoke", RevokeView.as_view(), name="credential-revoke"),
]
