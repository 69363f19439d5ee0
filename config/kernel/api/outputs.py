"""The shapes of answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers


def listing(name: str, item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """A page of `item` as `kernel.api.pagination.page_of` gives it."""
    return inline_serializer(
        name=f"{name}Page",
        fields={
            "items": item(many=True),
            "total": serializers.IntegerField(),
            "total_capped": serializers.BooleanField(),
            "page": serializers.IntegerField(allow_null=True),
            "page_size": serializers.IntegerField(),
            "next_cursor": serializers.CharField(allow_null=True),
        },
    )


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF to look at, under a name of its own where it is kept."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
