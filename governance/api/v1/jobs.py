"""Background work: how far it is, how it ended, and stopping or repeating it."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.resources import Resource, username
from governance.jobs import services
from governance.jobs.filters import JobFilter
from governance.jobs.models import Job


class JobSerializer(serializers.ModelSerializer):
    title = serializers.CharField(read_only=True)
    model = serializers.CharField(
        source="model.name", default=None, read_only=True, allow_null=True
    )
    percent = serializers.IntegerField(read_only=True)
    result = serializers.DictField(read_only=True)
    created_by = username("created_by", nullable=True)

    class Meta:
        model = Job
        fields = [
            "id", "kind", "title", "subject_type", "subject_id", "subject_label", "model",
            "state", "reason", "attempts", "percent", "progress_done", "progress_total",
            "progress_text", "result", "created_by", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class JobViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = Job
    serializer_class = JobSerializer
    filterset_class = JobFilter
    scope = "evaluate"

    def visible(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.caller).select_related("model", "created_by")

    @extend_schema(request=None, responses=JobSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancels a queued job at once and asks a running one to stop."""
        return self.shown(services.cancel(self.get_object(), actor=self.caller))

    @extend_schema(request=None, responses=JobSerializer)
    def retry(self, request: Request, pk: str) -> Response:
        """Queues a failed or cancelled job again, as the same job."""
        return self.shown(services.retry(self.get_object(), actor=self.caller))
