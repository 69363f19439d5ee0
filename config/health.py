"""`/healthz`: the process lives. `/readyz`: database, migrations and broker are there."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.celery import app
from config.kernel.api.envelope import refusal_body
from config.kernel.errors import MethodRefused


class HealthMiddleware:
    """Answers probes before anything looks at the host: they ask by address, not by name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, pass the rest on."""
        view = {"/healthz": healthz, "/readyz": readyz}.get(request.path_info.rstrip("/"))
        if view is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            refusal = MethodRefused()
            return JsonResponse(refusal_body(refusal), status=refusal.status)
        return view(request)


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when all of it answers, 503 naming what does not."""
    checks: dict[str, Callable[[], bool]] = {
        "database": _database,
        "migrations": _migrations,
        "broker": _broker,
    }
    results = {}
    for name, check in checks.items():
        try:
            results[name] = "ok" if check() else "pending"
        except Exception:  # noqa: BLE001 - whatever is wrong, the answer is "not ready"
            results[name] = "unreachable"
    ready = all(result == "ok" for result in results.values())
    return JsonResponse(
        {"status": "ok" if ready else "unready", **results}, status=200 if ready else 503
    )


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return tuple(cursor.fetchone()) == (1,)


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker() -> bool:
    with app.connection_for_write(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
    return True
