"""A new callback secret is shown once, on the page that answers its making, and made once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.admin.forms import RotateForm
from accounts.admin.issuing import PERMISSION, show_secrets
from accounts.models import Tenant
from accounts.services.callback_settings import RotatedSecret, rotate_callback_secret
from config.kernel import audit
from config.kernel.states import Outrun


def may_rotate(request: HttpRequest) -> bool:
    """Whether this operator may make secrets."""
    user: Any = request.user
    return bool(user.has_perm(PERMISSION))


def rotate_view(page: admin.ModelAdmin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask why; then make it and show it."""
    if not may_rotate(request):
        raise PermissionDenied
    tenant = page.get_object(request, unquote(object_id))
    if tenant is None:
        raise Http404
    form = RotateForm(request.POST or None, initial={"known": _known(tenant)})
    if request.method == "POST" and form.is_valid():
        try:
            rotated = _rotated(request, tenant, form.cleaned_data)
        except Outrun:
            form.add_error(None, _("The secret was changed meanwhile. Open this page anew."))
        else:
            until = date_format(timezone.localtime(rotated.previous_valid_until), "DATETIME_FORMAT")
            secrets = [
                (_("callback secret"), rotated.callback_secret),
                (_("the former one signs too until"), until),
            ]
            return show_secrets(page, request, tenant, secrets)
    context = {
        **page.admin_site.each_context(request),
        "title": _("New callback secret"),
        "opts": page.opts,
        "original": tenant,
        "form": form,
        "media": page.media + form.media,
    }
    return TemplateResponse(request, "admin/accounts/rotate_secret.html", context)


def _rotated(request: HttpRequest, tenant: Tenant, given: dict[str, Any]) -> RotatedSecret:
    if given["known"] != _known(tenant):
        raise Outrun
    with transaction.atomic():
        rotated = rotate_callback_secret(
            tenant_id=tenant.pk, at=timezone.now(), known_until=tenant.previous_secret_until
        )
        audit.record(user=request.user, row=tenant, what="更换回调密钥", why=given["reason"])
    return rotated


def _known(tenant: Tenant) -> str:
    until = tenant.previous_secret_until
    return until.isoformat() if until else ""
