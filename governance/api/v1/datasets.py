"""Data sets: recording a file, following its reading, what its columns hold, what people say of it."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.parsers import JSONParser, MultiPartParser
from governance.api.resources import Resource, Text, username
from governance.api.v1.jobs import JobSerializer
from governance.datasets import services
from governance.datasets.filters import DataSetFilter
from governance.datasets.models import DataSet
from governance.errors import Invalid
from governance.usecases.models import UseCase


class DataSetSerializer(serializers.ModelSerializer):
    use_case = serializers.CharField(source="use_case.slug", read_only=True, allow_null=True)
    sensitive_fields = serializers.ListField(child=serializers.CharField(), read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    created_by = username("created_by")

    class Meta:
        model = DataSet
        fields = [
            "id", "name", "version", "use_case", "description", "licence", "sensitive_fields",
            "period_start", "period_end", "state", "reason", "source_kind", "source", "digest",
            "rows_digest", "size", "rows", "job", "created_by", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ProfiledSerializer(DataSetSerializer):
    columns = serializers.ListField(
        child=serializers.DictField(),
        read_only=True,
        help_text="Of each column its type, missing and different values, quantiles, frequent values.",
    )

    class Meta(DataSetSerializer.Meta):
        fields = [*DataSetSerializer.Meta.fields, "columns"]
        read_only_fields = fields


class SaidSerializer(serializers.Serializer):
    description = Text(max_length=services.LONGEST_TEXT)
    licence = Text(max_length=200)
    sensitive_fields = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False), required=False
    )


class RecordedSerializer(SaidSerializer):
    name = serializers.CharField(max_length=200)
    version = Text(max_length=100)
    use_case = Text(help_text="The slug of the use case the data are for.")
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)


class DataSetNamedSerializer(RecordedSerializer):
    """Names a file on the server, an address or an object that is open."""

    source = serializers.CharField(help_text="A path, an https address or an object.")


class DataSetUploadSerializer(RecordedSerializer):
    """Sends the file along."""

    source = serializers.FileField(help_text="Parquet or CSV.")


class DataSetAcceptedSerializer(serializers.Serializer):
    data_set = DataSetSerializer()
    job = JobSerializer()


class DataSetViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    model = DataSet
    serializer_class = DataSetSerializer
    filterset_class = DataSetFilter
    parser_classes = [JSONParser, MultiPartParser]
    scope = "evaluate"

    def visible(self) -> QuerySet[DataSet]:
        return DataSet.objects.visible_to(self.caller).select_related("use_case", "created_by")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ProfiledSerializer if self.action == "retrieve" else DataSetSerializer

    @extend_schema(
        request={
            "multipart/form-data": DataSetUploadSerializer,
            "application/json": DataSetNamedSerializer,
        },
        responses={202: DataSetAcceptedSerializer},
        parameters=[
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202]),
        ],
    )
    def create(self, request: Request) -> Response:
        """Takes a file as a data set and starts to read it; `Location` is the job that does it."""
        is_form = request.content_type.startswith("multipart/")
        fields = self.validated(DataSetUploadSerializer if is_form else DataSetNamedSerializer)
        fields["use_case"] = self._use_case(fields.pop("use_case", ""))
        record = services.record_data_set(actor=self.caller, **fields)
        job = reverse("api:job", args=[record.job_id], request=request)
        accepted = DataSetAcceptedSerializer({"data_set": record, "job": record.job})
        return Response(accepted.data, status.HTTP_202_ACCEPTED, headers={"Location": job})

    @extend_schema(request=SaidSerializer, responses=DataSetSerializer)
    def describe(self, request: Request, **where: Any) -> Response:
        """Changes what people say of the data: description, licence, what is sensitive."""
        record = services.describe(
            self.get_object(), actor=self.caller, **self.validated(SaidSerializer)
        )
        return Response(DataSetSerializer(record).data)

    def _use_case(self, slug: str) -> UseCase | None:
        if not slug:
            return None
        found = UseCase.objects.visible_to(self.caller).filter(slug=slug).first()
        if found is None:
            raise Invalid(f"There is no use case “{slug}”.", field="use_case")
        return found
