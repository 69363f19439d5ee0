"""Every door in one table; no route ends with a slash, and with one the answer is the same."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.kernel.api.envelope import no_such_route
from config.tracking import tracking_view

# In the order in which they are asked for: what stands above costs what stands below it time.
urlpatterns = [
    path("", include("delivery.api.urls")),
    path("", include("logistics.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("quotas.api.urls")),
    path("", TemplateView.as_view(template_name="welcome.html"), name="welcome"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("t/<str:token>", tracking_view, name="tracking"),
    path("t/<str:token>/", tracking_view),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/<path:anything>", no_such_route),
]

handler400 = "config.kernel.api.envelope.bad_request"
handler403 = "config.kernel.api.envelope.forbidden"
handler404 = "config.kernel.api.envelope.not_found"
handler500 = "config.kernel.api.envelope.broken"
