"""The door other MLflow servers post their webhooks to; tells nobody why it stays shut."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from governance.connections import hooks
from governance.connections.models import Connection
from governance.errors import GovernanceError


@csrf_exempt
@require_POST
def mlflow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a signed event as a hint: 202, or 403 without detail."""
    connection = get_object_or_404(Connection.objects.syncing().hooked(), pk=pk)
    if int(request.META.get("CONTENT_LENGTH") or 0) > hooks.LARGEST_BODY:
        return HttpResponse(status=413)
    try:
        hooks.receive(connection, request.headers, request.body)
    except GovernanceError:
        return HttpResponse(status=403)
    return HttpResponse(status=202)
