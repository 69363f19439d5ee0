"""The doors' base views: who may enter, and each write's `Idempotency-Key`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import Error as AnyDatabaseError
from django.utils import timezone
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication.limits import LimitedDoor
from accounts.authentication.signature import TenantCaller, TenantSignature
from accounts.authentication.tokens import ConsoleSession, PersonToken
from accounts.errors import IdempotencyRunning, WrongDoor
from accounts.services import idempotency
from accounts.services.operators import roles_of
from accounts.states import Role
from config.kernel.api.outages import is_outage
from config.kernel.api.pagination import known_parameters
from config.kernel.api.views import DoorView
from config.kernel.errors import Denied, Unauthenticated

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
SAFE = ("GET", "HEAD", "OPTIONS")


def _sender(request: Request) -> Any:
    """A TenantCaller, a user, or None: DRF's types know only users."""
    return request.user


class IsTenant(BasePermission):
    """A tenant's signature; another door's credential is 403, none is 401."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise the typed refusal."""
        user = _sender(request)
        if isinstance(user, TenantCaller):
            return True
        raise Unauthenticated if user is None else WrongDoor


class MayOperate(BasePermission):
    """Staff who hold what the view `needs` for this method, or one of its `roles`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise the typed refusal."""
        user = _sender(request)
        if user is None:
            raise Unauthenticated
        if isinstance(user, TenantCaller) or not user.is_staff:
            raise WrongDoor
        if not (_holds(user, view, str(request.method)) if view.needs else _plays(user, view)):
            raise Denied
        return True


def _holds(user: Any, view: Any, method: str) -> bool:
    codename = view.needs.get("GET" if method == "HEAD" else method)
    if codename is None:
        # What the route has not is answered as such; what it has and nobody named is closed.
        served = method.lower() in view.http_method_names and hasattr(view, method.lower())
        return method == "OPTIONS" or not served
    return bool(user.has_perm(codename))


def _plays(user: Any, view: Any) -> bool:
    return not roles_of(user).isdisjoint(view.roles)


class OperatorDoor(DoorView):
    """`/api/platform`: staff by token or by the console's session.

    `needs` names a permission per method: config/roles.py says which role holds it. A view without
    names `roles` instead.
    """

    authentication_classes = (PersonToken, TenantSignature, ConsoleSession)
    permission_classes = (MayOperate,)
    needs: ClassVar[dict[str, str]] = {}
    roles: ClassVar[frozenset[str]] = frozenset({Role.PLATFORM_ADMIN})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After identity: what is to be written is said in the body, never in the query."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE:
            known_parameters(request.query_params)

    @property
    def operator(self) -> User:
        """The staff user who sent this request."""
        return cast("User", self.request.user)


class TenantDoor(LimitedDoor):
    """`/api/v1`: tenants by signature, throttled where they are.

    A view that `shows_secret` has its answers kept encrypted under their idempotency key.
    """

    authentication_classes = (TenantSignature, PersonToken)
    permission_classes = (IsTenant,)
    shows_secret: ClassVar[bool] = False
    claim: idempotency.Claim | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After identity, count the request; claim its idempotency key or replay its answer."""
        super().initial(request, *args, **kwargs)
        limit = self.caller.requests_per_minute
        if limit is not None:
            caller = self.caller
            self.count(tenant_id=caller.tenant_id, is_test=caller.is_test, limit=limit)
        key = request.headers.get("Idempotency-Key")
        if key is not None and request.method not in SAFE:
            self.claim = idempotency.claim_key(
                tenant_id=self.caller.tenant_id,
                is_test=self.caller.is_test,
                key=key,
                method=str(request.method),
                target=f"{request.path_info}?{request.META.get('QUERY_STRING', '')}",
                body=request._request.body,
                at=timezone.now(),
            )

    @property
    def caller(self) -> TenantCaller:
        """The tenant that sent this request."""
        return cast("TenantCaller", self.request.user)

    def request_key(self, part: str = "") -> str | None:
        """What makes an effect of this request unique, when the caller asked for that."""
        return self.claim.effect_key(part) if self.claim else None

    def keep(self, answer: Any, status: int = 200) -> None:
        """Keep the answer in the transaction of its effect: asked again, it is never another.

        For effects that cannot be found again; the rest is kept once it was rendered.

        :raises IdempotencyRunning: another request took the key over: the caller rolls back.
        """
        if self.claim is not None and not idempotency.keep_answer(
            claim=self.claim, status_code=status, answer=answer, sealed=self.shows_secret
        ):
            raise IdempotencyRunning(retry_after=1)

    def handle_exception(self, exc: Exception) -> Response:
        """A replay is an answer, not an error."""
        if isinstance(exc, idempotency.Replay):
            response = Response(exc.answer, status=exc.status_code)
            response["Idempotent-Replayed"] = "true"
            return response
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep a success under its key; a refusal leaves the key free."""
        if self.claim is not None:
            self._settle(self.claim, response)
            self.claim = None
        return super().finalize_response(request, response, *args, **kwargs)

    def _settle(self, claim: idempotency.Claim, response: Any) -> None:
        try:
            if 200 <= response.status_code < 300:
                idempotency.keep_answer(
                    claim=claim,
                    status_code=response.status_code,
                    answer=response.data,
                    sealed=self.shows_secret,
                )
            else:
                idempotency.release_key(claim=claim)
        except AnyDatabaseError as exc:
            if not is_outage(exc):
                raise
            # What was done is done and what was refused is refused: the caller is told so all
            # the same. The key runs out like that of a process that died.
            log.warning("an idempotency key was left running: %s", type(exc).__name__)
