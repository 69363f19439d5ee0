"""`/api/v1/callbacks` and `/events`: what a tenant was told, and what it missed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import (
    EventDetail,
    EventLine,
    Payload,
    payload_of,
    payload_presenter,
    present_attempt,
    present_event,
)
from accounts.authentication.doors import TenantDoor
from accounts.models import TenantEvent
from accounts.queries.callbacks import (
    attempts_at,
    callback_url,
    events_after,
    tenant_event,
    tenant_events,
)
from accounts.states import EventStatus
from config.kernel.api.filtering import DATE_PARAMETERS, PAGE_PARAMETERS, text, word
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import (
    DATES,
    MAX_PAGE_SIZE,
    PAGING,
    date_window,
    known_parameters,
    page_of,
)
from config.kernel.errors import Malformed, Missing

FROM_THE_BEGINNING = "0"
FILTERS = ("event_type", "order_no", "external_order_no")

EventsPage = inline_serializer(
    name="EventsPage",
    fields={
        "items": Payload(many=True),
        "total": serializers.IntegerField(allow_null=True),
        "total_capped": serializers.BooleanField(),
        "page": serializers.IntegerField(allow_null=True),
        "page_size": serializers.IntegerField(),
        "next_cursor": serializers.CharField(allow_null=True),
    },
)


class EventsDoor(TenantDoor):
    """What the views of events share: only the caller's own, of its mode."""

    def rows(self) -> QuerySet[TenantEvent]:
        """The caller's events."""
        return tenant_events(tenant_id=self.caller.tenant_id, is_test=self.caller.is_test)

    def find(self, event_id: str) -> TenantEvent:
        """One of them, or 404."""
        caller = self.caller
        return tenant_event(tenant_id=caller.tenant_id, is_test=caller.is_test, event_id=event_id)

    def shown(self, event: TenantEvent) -> dict[str, Any]:
        """With the URL that is in force."""
        return present_event(event, self.caller.zone, callback_url(self.caller.tenant_id))


class CallbackLogView(EventsDoor):
    """The log."""

    @extend_schema(
        operation_id="list_callbacks",
        parameters=[
            OpenApiParameter("status", str, enum=EventStatus.values),
            *(OpenApiParameter(name, str) for name in FILTERS),
            *DATE_PARAMETERS,
            *PAGE_PARAMETERS,
        ],
        responses={200: listing("Callbacks", EventLine)},
    )
    def get(self, request: Request) -> Response:
        """What was and is to be sent, newest first; kept for 30 days."""
        query, zone = request.query_params, self.caller.zone
        known_parameters(query, *PAGING, *DATES, "status", *FILTERS)
        rows = self.rows().filter(date_window(query, zone))
        if status := word(query, "status", EventStatus.values):
            rows = rows.filter(status=status)
        for name in FILTERS:
            if value := text(query, name):
                rows = rows.filter(**{name: value})
        url = callback_url(self.caller.tenant_id)
        return Response(
            page_of(rows.defer("content"), query, lambda row: present_event(row, zone, url))
        )


class CallbackView(EventsDoor):
    """One event."""

    @extend_schema(operation_id="get_callback", responses={200: EventDetail})
    def get(self, request: Request, event_id: str) -> Response:
        """With its body as it is sent, and its last 50 attempts, newest first."""
        known_parameters(request.query_params)
        event, zone = self.find(event_id), self.caller.zone
        attempts = [present_attempt(attempt, zone) for attempt in attempts_at(event)]
        whole = {"payload": payload_of(event, zone), "attempt_log": attempts}
        return Response(self.shown(event) | whole)


class EventsView(EventsDoor):
    """The pull fallback."""

    @extend_schema(
        operation_id="list_events",
        parameters=[
            OpenApiParameter(
                "after", str,
                description="event_id，或 0 表示从最早一条开始；给出时按发生先后返回其后的事件，"
                "最近 10 秒内的留待下次，以免遗漏尚未提交的事件。",
            ),
            OpenApiParameter("limit", int, description="与 after 同用，1–100，默认 100"),
            *DATE_PARAMETERS,
            *PAGE_PARAMETERS,
        ],
        responses={200: EventsPage},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The bodies of all events: newest first, or with `after` in the order they came about.

        With `after`, `next_cursor` is to be given as the next `after`: the last event's id, or what
        was given where nothing new was there.
        """
        query, zone = request.query_params, self.caller.zone
        if "after" in query:
            known_parameters(query, "after", "limit")
            return Response(self._pulled(query["after"], query.get("limit", "")))
        known_parameters(query, *PAGING, *DATES)
        rows = self.rows().filter(date_window(query, zone))
        return Response(page_of(rows, query, payload_presenter(zone)))

    def _pulled(self, after: str, limit: str) -> dict[str, Any]:
        caller = self.caller
        size = _limit(limit)
        events = events_after(
            tenant_id=caller.tenant_id,
            is_test=caller.is_test,
            after=0 if after == FROM_THE_BEGINNING else self._key_of(after),
            limit=size,
            at=timezone.now(),
        )
        return {
            "items": [payload_of(event, caller.zone) for event in events],
            "total": None,
            "total_capped": False,
            "page": None,
            "page_size": size,
            "next_cursor": events[-1].event_id if events else after,
        }

    def _key_of(self, event_id: str) -> int:
        try:
            return int(self.find(event_id).pk)
        except Missing:
            said = "没有这个事件，或已超过 30 天保留期；请用 after=0 从头读取。"
            raise Malformed(fields={"after": [said]}) from None


def _limit(given: str) -> int:
    if not given:
        return MAX_PAGE_SIZE
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAX_PAGE_SIZE):
        raise Malformed(fields={"limit": [f"必须是 1 到 {MAX_PAGE_SIZE} 之间的整数。"]})
    return int(given)
