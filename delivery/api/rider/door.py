"""Only an enabled rider's token opens `/api/rider`, and it opens nothing else."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.authentication.riders import RiderToken, TenantCaller, TenantSignature
from accounts.errors import WrongDoor
from config.kernel.api.pagination import known_parameters
from config.kernel.api.views import DoorView
from config.kernel.errors import Unauthenticated
from delivery.errors import RiderDisabled
from delivery.models import Rider
from delivery.queries.riders import rider_of_user


class IsRider(BasePermission):
    """A user with an enabled profile; staff and tenants are 403, no proof is 401."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise the typed refusal."""
        user = cast("Any", request.user)
        if user is None:
            raise Unauthenticated
        if isinstance(user, TenantCaller) or user.is_staff:
            raise WrongDoor
        view.rider = rider_of_user(user.pk)
        if view.rider is None:
            raise WrongDoor
        if not view.rider.enabled:
            raise RiderDisabled
        return True


class RiderDoor(DoorView):
    """`/api/rider`: riders by token; `rider` is who sent the request, as its row was then."""

    authentication_classes = (RiderToken, TenantSignature)
    permission_classes = (IsRider,)
    rider: Rider

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After identity: what is to be written is said in the body, never in the query."""
        super().initial(request, *args, **kwargs)
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            known_parameters(request.query_params)
