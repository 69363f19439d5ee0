"""A file of parcels as an operator uploads it, and what its page and its lines say."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Tenant
from config.kernel.work import drain
from logistics.models import OrderImport, OrderImportLine
from logistics.services.import_slices import IMPORTS
from logistics.services.imports import (
    preview_import,
)

HEADER = "商家订单号,收件人,收件人电话,收件地址,物品数量\n"
UPLOAD = "admin:logistics_expressorder_import"


def line(number: int | str, name: str = "张三", phone: str = "13800138000") -> str:
    return f"A-{number},{name},{phone},浙江省杭州市余杭区文一西路969号,1\n"


def file_of(*lines: str) -> bytes:
    return (HEADER + "".join(lines)).encode()


def upload(console: Client, whose: Tenant | None, content: bytes, **fields: Any) -> Any:
    data = {"file": SimpleUploadedFile("订单.csv", content), **fields}
    if whose is not None:
        data["tenant"] = whose.pk
    return console.post(reverse(UPLOAD), data)


def preview(tenant: Tenant, *lines: str) -> OrderImport:
    return preview_import(
        content=file_of(*lines), filename="x.csv", tenant_id=tenant.pk, by=None, at=timezone.now()
    )


def detail(console: Client, made: OrderImport, do: str = "") -> Any:
    url = reverse(f"{UPLOAD}_detail", args=[made.pk])
    return console.post(url, {"do": do}, follow=True) if do else console.get(url)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def outcomes() -> dict[int, str]:
    return dict(OrderImportLine.objects.order_by("line").values_list("line", "outcome"))


def book() -> None:
    """Let the workers finish."""
    while drain(IMPORTS, threads=1, seconds=20):
        pass
