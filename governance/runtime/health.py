"""Answers for probes: alive (the process) and ready (what it needs); tells strangers no details."""

from collections.abc import Callable

from celery import current_app
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

BROKER_SECONDS = 2


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """Answers as long as the process can, without asking the database."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answers 200 when the database, its migrations and the broker are there, else 503."""
    words = {name: _word(check) for name, check in CHECKS.items()}
    is_ready = all(word == "ok" for word in words.values())
    return JsonResponse(
        {"status": "ready" if is_ready else "not ready", "checks": words},
        status=200 if is_ready else 503,
    )


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied" if waiting else "ok"


def broker() -> str:
    with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as link:
        link.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
        link.default_channel.queue_declare("default", passive=True)
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
}


def _word(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:  # whatever it was: not ready, and strangers learn nothing more
        return "unreachable"
