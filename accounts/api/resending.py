"""`/api/v1/callbacks/…/resend` and `/test`: a tenant has events sent once more, or one to try."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.callbacks import EventsDoor
from accounts.api.shapes import EventLine
from accounts.services.outbox.resending import (
    MOST_AT_ONCE,
    resend_event,
    resend_events,
    resend_ids,
    send_test_event,
)
from config.kernel.api.pagination import date_window
from config.kernel.api.serializers import (
    NothingInput,
    StrictBooleanField,
    StrictCharField,
    StrictSerializer,
)
from config.kernel.errors import Malformed

MOST_IDS = 100
DAYS = ("date_from", "date_to")


class ResendInput(StrictSerializer):
    """Which: by id, by days (inclusive, the tenant's), or all that were not delivered."""

    event_ids = serializers.ListField(
        child=StrictCharField(max_length=40), min_length=1, max_length=MOST_IDS, required=False
    )
    date_from = StrictCharField(max_length=10, required=False)
    date_to = StrictCharField(max_length=10, required=False)
    missing = StrictBooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way of saying it; `missing` may be narrowed by days."""
        by_days = any(name in attrs for name in DAYS)
        if "event_ids" in attrs and (by_days or "missing" in attrs):
            raise serializers.ValidationError(
                {"event_ids": ["event_ids 不能与日期或 missing 同时使用。"]}
            )
        if "event_ids" not in attrs and not by_days and not attrs.get("missing"):
            said = "请给出 event_ids、date_from 与 date_to，或 missing: true。"
            raise serializers.ValidationError({"body": [said]})
        return attrs


class ResendOutput(serializers.Serializer[Any]):
    """How many became due; `more`: call again for the rest."""

    resent = serializers.IntegerField()
    more = serializers.BooleanField()


class ResendOneView(EventsDoor):
    """Resend one."""

    @extend_schema(operation_id="resend_callback", request=NothingInput, responses={200: EventLine})
    def post(self, request: Request, event_id: str) -> Response:
        """Due now, whatever became of it; where an earlier one of its order waits, it waits too."""
        self.body(request, NothingInput)
        event = resend_event(event=self.find(event_id).pk, at=timezone.now())
        return Response(self.shown(event))


class ResendManyView(EventsDoor):
    """Resend many."""

    @extend_schema(
        operation_id="resend_callbacks",
        request=ResendInput,
        responses={200: ResendOutput},
        examples=[
            OpenApiExample("所有未送达", value={"missing": True}, request_only=True),
            OpenApiExample(
                "按日期",
                value={"date_from": "2026-02-01", "date_to": "2026-02-02"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """At most 50,000 in one call, oldest first; with an unknown id nothing is resent."""
        given = self.body(request, ResendInput)
        caller, at = self.caller, timezone.now()
        whose: dict[str, Any] = {"tenant_id": caller.tenant_id, "is_test": caller.is_test, "at": at}
        if "event_ids" in given:
            resent = resend_ids(event_ids=given["event_ids"], **whose)
        else:
            resent = resend_events(
                window=self._window(given), missing=bool(given.get("missing")), **whose
            )
        return Response({"resent": resent, "more": resent >= MOST_AT_ONCE})

    def _window(self, given: dict[str, Any]) -> Q:
        named = {name: given[name] for name in DAYS if name in given}
        blank = [name for name, value in named.items() if not value]
        if blank:
            raise Malformed(fields={name: ["日期格式应为 YYYY-MM-DD。"] for name in blank})
        return date_window(named, self.caller.zone)


class TestEventView(EventsDoor):
    """Send one to try."""

    @extend_schema(
        operation_id="send_test_callback", request=NothingInput, responses={200: EventLine}
    )
    def post(self, request: Request) -> Response:
        """An event `callback.test` of an order that does not exist, to the tenant's own URL."""
        self.body(request, NothingInput)
        caller = self.caller
        event = send_test_event(
            tenant_id=caller.tenant_id, is_test=caller.is_test, at=timezone.now()
        )
        return Response(self.shown(event))
