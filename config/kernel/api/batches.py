"""Many at once: each item has its own result, in the order given; a bad one stops no good one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.kernel.api.envelope import as_refusal, refusal_body
from config.kernel.api.serializers import StrictSerializer
from config.kernel.errors import Internal, Unavailable

log = logging.getLogger(__name__)
MOST_ITEMS = 100
# `(item, its place as text)` to whether it was made just now, and what is shown of it.
Make = Callable[[Any, str], tuple[bool, Any]]


class BatchInput(StrictSerializer):
    """Up to 100 items."""

    items = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_ITEMS
    )


def run_batch(items: list[Any], make: Make) -> dict[str, Any]:
    """Make each item; `{items: [{index, created, code, message, error, data}], refused}`.

    :raises Unavailable: as soon as one says so: no answer is kept, and sent again, what is made
        already is found.
    """
    results = [_result(index, item, make) for index, item in enumerate(items)]
    return {"items": results, "refused": sum(1 for result in results if result["code"])}


def _result(index: int, item: Any, make: Make) -> dict[str, Any]:
    try:
        created, shown = make(item, str(index))
    except Exception as exc:
        refusal = as_refusal(exc)
        if isinstance(refusal, Unavailable):
            raise
        if isinstance(refusal, Internal):
            log.exception("item %s of a batch could not be booked", index)
        return {"index": index, "created": False, **refusal_body(refusal)}
    return {
        "index": index, "created": created,
        "code": 0, "message": "success", "error": None, "data": shown,
    }  # fmt: skip


def batch_document(
    name: str, item: type[serializers.Serializer[Any]]
) -> type[serializers.Serializer[Any]]:
    """The request as documented: its items are of the shape `item`."""
    fields = {"items": item(many=True), "__doc__": "Up to 100 of them."}
    return type(f"{name}BatchDocument", (serializers.Serializer,), fields)


def batch_output(name: str, component: str) -> type[serializers.Serializer[Any]]:
    """The answer as documented: what is shown of an item is the schema's `component`."""
    kinds = [{"$ref": f"#/components/schemas/{each}"} for each in (component, "RefusalData")]

    @extend_schema_field({"oneOf": [*kinds, {"type": "null"}]})
    class ItemData(serializers.JSONField):
        """What was made, or what the envelope of a refusal would hold."""

    result = {
        "index": serializers.IntegerField(),
        "code": serializers.IntegerField(),
        "message": serializers.CharField(),
        "error": serializers.CharField(allow_null=True),
        "created": serializers.BooleanField(),
        "data": ItemData(),
        "__doc__": "What became of one item, in the order given.",
    }
    results = type(f"{name}BatchResult", (serializers.Serializer,), result)
    output = {
        "items": results(many=True),
        "refused": serializers.IntegerField(),
        "__doc__": "Results and how many were refused.",
    }
    return type(f"{name}BatchOutput", (serializers.Serializer,), output)
