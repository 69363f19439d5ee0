"""A key's secret is shown on the page that answers its making, and never again anywhere.

Not in a message, which would lie in a cookie or session; not behind a redirect; in no log. Nothing
keeps that page, and asking for it twice issues no second key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.forms import IssueForm
from accounts.models import ApiCredential, Tenant
from accounts.services.credentials import issue_credential, keys_in_force, newest_key_id
from accounts.states import Mode
from config.kernel import audit
from config.kernel.states import Outrun

PERMISSION = "accounts.add_apicredential"


def may_issue(request: HttpRequest) -> bool:
    """Whether this operator may make keys."""
    user: Any = request.user
    return bool(user.has_perm(PERMISSION))


def issue_view(page: admin.ModelAdmin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask which key and why; then make it and show its secret."""
    if not may_issue(request):
        raise PermissionDenied
    tenant = page.get_object(request, unquote(object_id))
    if tenant is None:
        raise Http404
    known = {mode: newest_key_id(tenant=tenant, mode=mode) or "" for mode in Mode.values}
    form = IssueForm(
        request.POST or None, initial={f"known_{mode}": key for mode, key in known.items()}
    )
    if request.method == "POST" and form.is_valid():
        mode = form.cleaned_data["mode"]
        try:
            with transaction.atomic():
                issued = issue_credential(
                    tenant=tenant,
                    at=timezone.now(),
                    mode=mode,
                    known=form.cleaned_data[f"known_{mode}"],
                )
                _record(request, tenant, issued.key_id, form.cleaned_data["reason"])
        except Outrun:
            form.add_error(None, _("A key was issued meanwhile. Open this page anew."))
        else:
            secrets = [(_("key id"), issued.key_id), (_("secret"), issued.secret)]
            return show_secrets(page, request, tenant, secrets)
    context = {
        **page.admin_site.each_context(request),
        "title": _("Issue a key"),
        "opts": page.opts,
        "original": tenant,
        "form": form,
        "known": [(Mode(mode).label, keys_in_force(tenant=tenant, mode=mode)) for mode in known],
        "media": page.media + form.media,
    }
    return TemplateResponse(request, "admin/accounts/issue_key.html", context)


def show_secrets(
    page: admin.ModelAdmin[Any],
    request: HttpRequest,
    tenant: Tenant,
    secrets: Sequence[tuple[Any, str | None]],
) -> HttpResponse:
    """The one page with them; nothing between us and the eye may keep it."""
    context = {
        **page.admin_site.each_context(request),
        "title": _("Secrets of %(name)s") % {"name": tenant},
        "opts": page.opts,
        "original": tenant,
        "secrets": secrets,
    }
    answer = TemplateResponse(request, "admin/accounts/secrets.html", context)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _record(request: HttpRequest, tenant: Tenant, key_id: str, why: str) -> None:
    credential = ApiCredential.objects.defer("secret").get(key_id=key_id)
    what = f"发放密钥 {key_id}（{credential.get_mode_display()}）"
    audit.record(user=request.user, row=tenant, what=what, why=why)
    audit.record(user=request.user, row=credential, what="发放", why=why, flag=audit.ADDITION)
