"""A tenant's keys of one mode; never a secret."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import ApiCredential
from accounts.states import Mode


def tenant_credentials(*, tenant_id: int, is_test: bool) -> QuerySet[ApiCredential]:
    """Active and revoked ones."""
    mode = Mode.TEST if is_test else Mode.LIVE
    return ApiCredential.objects.filter(tenant_id=tenant_id, mode=mode).defer("secret")
