"""`/address/parse` and `/branch/find`: the carrier is asked now, for a person's eyes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import MAX_PAGE_SIZE
from config.kernel.api.serializers import StrictCharField, StrictSerializer
from logistics.services.asking import find_branches, parse_text

# Whoever works on orders asks where they go.
NEEDED = "logistics.change_expressorder"


class ParseInput(StrictSerializer):
    """A whole address in one text."""

    address_text = StrictCharField(max_length=500)


class PlaceOutput(serializers.Serializer[Any]):
    """Its levels; one that does not exist is empty."""

    province = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    district = serializers.CharField(allow_blank=True)
    town = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class BranchInput(StrictSerializer):
    """Where the sender is, and whose branches are wanted."""

    cp_code = StrictCharField(max_length=50)
    province = StrictCharField(max_length=50)
    city = StrictCharField(max_length=50)
    district = StrictCharField(max_length=50, required=False, allow_blank=True, allow_null=True)


class BranchOutput(serializers.Serializer[Any]):
    """A branch; an order's columns."""

    branch_code = serializers.CharField()
    branch_name = serializers.CharField(allow_blank=True)
    branch_phone = serializers.CharField(allow_blank=True)


class ParseView(OperatorDoor):
    """Read an address."""

    needs = {"POST": NEEDED}

    @extend_schema(operation_id="parse_address", request=ParseInput, responses={200: PlaceOutput})
    def post(self, request: Request) -> Response:
        """Its levels as ADDRLIB_DIV_FULLPARSE reads them."""
        place = parse_text(text=self.body(request, ParseInput)["address_text"])
        return Response(PlaceOutput(place).data)


class BranchView(OperatorDoor):
    """Find branches."""

    needs = {"POST": NEEDED}

    @extend_schema(
        operation_id="find_branches",
        request=BranchInput,
        responses={200: listing("Branches", BranchOutput)},
    )
    def post(self, request: Request) -> Response:
        """One page of what serves the sender's place, the carrier's first choice first."""
        asked = self.body(request, BranchInput)
        branches = find_branches(
            cp_code=asked["cp_code"],
            province=asked["province"],
            city=asked["city"],
            district=asked.get("district") or "",
        )
        items = [
            {"branch_code": row.code, "branch_name": row.name, "branch_phone": row.phone}
            for row in branches[:MAX_PAGE_SIZE]
        ]
        return Response(
            {
                "items": items,
                "total": len(items),
                "total_capped": len(branches) > MAX_PAGE_SIZE,
                "page": 1,
                "page_size": MAX_PAGE_SIZE,
                "next_cursor": None,
            }
        )
