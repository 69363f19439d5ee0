"""R2: three bare Django views on Django's own engine and cursor, no middleware, no framework."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import parse_qsl

from django.conf import settings

from benchmarks.references import sql
from config.environment import database

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="benchmarks.references.bare",
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={"default": {**database(""), "ENGINE": "django.db.backends.mysql"}},
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

SECRET = b"test-secret"


def order(request: HttpRequest) -> JsonResponse:
    """Book: the nonce by itself, as it must outlive a refusal; then one transaction."""
    parcel = json.loads(request.body)
    tenant_id = int(request.headers["X-Tenant"])
    at = sql.now()
    with connection.cursor() as cursor:
        cursor.execute(sql.NONCE, [tenant_id, request.headers["X-Tonglu-Nonce"], at])
        with transaction.atomic():
            number = sql.book(cursor, tenant_id, parcel, at)
    return JsonResponse({"code": 0, "data": {"order_no": number}}, status=201)


def receive(request: HttpRequest) -> JsonResponse:
    """Receive a delivery: one transaction. Whose it is stands in a header, unproved."""
    given = json.loads(request.body)
    with connection.cursor() as cursor, transaction.atomic():
        number = sql.receive(cursor, int(request.headers["X-Tenant"]), given, sql.now())
    return JsonResponse({"code": 0, "data": {"order_no": number, "status": 0}})


def callback(request: HttpRequest) -> JsonResponse:
    """Take a callback in: digest, one transaction, and a word that there is something to tell."""
    body = request.body
    form = dict(parse_qsl(body.decode()))
    content = form["logistics_interface"].encode()
    digest = base64.b64encode(hashlib.md5(content + SECRET).digest()).decode()
    if digest != form["data_digest"]:
        return JsonResponse({"success": False}, status=401)
    scan = json.loads(content)
    identity = f"{scan['tradeOrderNo']}:picked:{hashlib.sha256(content).hexdigest()[:32]}"
    with connection.cursor() as cursor:
        with transaction.atomic():
            endpoint = sql.take_in(cursor, scan, body, identity, sql.now())
        sql.wake(cursor, endpoint, sql.now())
    return JsonResponse({"success": True})


urlpatterns = [
    path("api/v1/express-orders", order),
    path("api/external/order/receive", receive),
    path("api/platform/cainiao/callback", callback),
]
application = get_wsgi_application()
