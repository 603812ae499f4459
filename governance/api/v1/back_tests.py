"""Back-tests: asking what a policy would have done to past evaluations, and reading the lines."""

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiTypes,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.resources import Resource, Text, username
from governance.api.v1.jobs import JobSerializer
from governance.backtests import queries, services
from governance.backtests.export import LINES
from governance.backtests.filters import BackTestFilter, BackTestLineFilter
from governance.backtests.models import BackTest, BackTestLine
from governance.backtests.selection import MOST_NAMES, Selection
from governance.backtests.tally import headline
from governance.csv import streamed
from governance.policies.models import PolicyVersion


class SelectionSerializer(serializers.Serializer):
    """Every criterion given must hold; one left out holds for all. Days are those of the measuring."""

    use_cases = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=MOST_NAMES
    )
    models = serializers.ListField(
        child=serializers.CharField(max_length=256, trim_whitespace=False),
        required=False,
        max_length=MOST_NAMES,
    )
    tiers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=3), required=False, max_length=3
    )
    since = serializers.DateField(required=False, allow_null=True)
    until = serializers.DateField(required=False, allow_null=True)
    only_served = serializers.BooleanField(
        required=False, help_text="Only versions that ever were under a protected pointer."
    )


class BackTestAskedSerializer(SelectionSerializer):
    """Names a version of a policy, draft or not, or gives the text to try."""

    policy = serializers.CharField(required=False, max_length=80)
    policy_version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Its number, with `policy`."
    )
    text = Text(help_text="YAML, instead of a version.")


class CountsSerializer(serializers.Serializer):
    """Versions are counted by their newest evaluation, except those that later breached."""

    evaluations = serializers.IntegerField()
    versions = serializers.IntegerField()
    passed_then = serializers.IntegerField()
    blocked = serializers.IntegerField()
    blocked_serving = serializers.IntegerField()
    would_pass = serializers.IntegerField()
    not_judged = serializers.IntegerField()
    other_verdict = serializers.IntegerField()
    breached = serializers.IntegerField(
        help_text="Versions that passed and whose clearance ended before its time."
    )
    breached_blocked = serializers.IntegerField()


class BackTestSerializer(serializers.ModelSerializer):
    policy = serializers.CharField(source="policy_name", read_only=True)
    policy_version = serializers.IntegerField(
        source="policy_version.number", default=None, allow_null=True, read_only=True
    )
    state = serializers.CharField(read_only=True, help_text="That of its job.")
    reason = serializers.CharField(source="job.reason", read_only=True)
    percent = serializers.IntegerField(source="job.percent", read_only=True)
    sentence = serializers.SerializerMethodField(help_text="What it came to.")
    counts = serializers.SerializerMethodField()
    notes = serializers.ListField(child=serializers.CharField(), read_only=True)
    selection = SelectionSerializer(read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True)
    created_by = username("created_by")

    class Meta:
        model = BackTest
        fields = [
            "id", "policy", "policy_version", "label", "digest", "selection", "state", "reason",
            "percent", "sentence", "counts", "notes", "code_version", "job", "created_by",
            "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_sentence(self, back_test: BackTest) -> str:
        return headline(back_test.counts) if back_test.is_finished else ""

    @extend_schema_field(CountsSerializer(allow_null=True))
    def get_counts(self, back_test: BackTest) -> dict | None:
        return back_test.counts or None


class BackTestTextSerializer(BackTestSerializer):
    class Meta(BackTestSerializer.Meta):
        fields = [*BackTestSerializer.Meta.fields, "text"]
        read_only_fields = fields


class BackTestAcceptedSerializer(serializers.Serializer):
    back_test = BackTestSerializer()
    job = JobSerializer()


class BackTestViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """One's own, and all for auditors and administrators."""

    model = BackTest
    serializer_class = BackTestSerializer
    filterset_class = BackTestFilter
    scope = "evaluate"

    def visible(self) -> QuerySet[BackTest]:
        seen = BackTest.objects.visible_to(self.caller)
        related = seen.select_related("job", "created_by", "policy_version")
        return related if self.action == "retrieve" else related.defer("text")

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return BackTestTextSerializer if self.action == "retrieve" else BackTestSerializer

    @extend_schema(
        request=BackTestAskedSerializer,
        responses={202: BackTestAcceptedSerializer},
        parameters=[
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202]),
        ],
    )
    def create(self, request: Request) -> Response:
        """Starts to judge past evaluations again; only those are looked at that the caller may see."""
        fields = self.validated(BackTestAskedSerializer)
        name, number = fields.pop("policy", ""), fields.pop("policy_version", None)
        made = services.request_back_test(
            actor=self.caller,
            policy_version=self._policy_version(name, number) if name else None,
            text=fields.pop("text", ""),
            selection=Selection(
                **{key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
            ),
        )
        job = reverse("api:job", args=[made.job_id], request=request)
        accepted = BackTestAcceptedSerializer({"back_test": made, "job": made.job})
        return Response(accepted.data, status.HTTP_202_ACCEPTED, headers={"Location": job})

    def _policy_version(self, name: str, number: int | None) -> PolicyVersion:
        """The one asked for; without a number the newest that the caller may read."""
        seen = PolicyVersion.objects.visible_to(self.caller).select_related("policy")
        named = seen.filter(policy__name=name).order_by("-number")
        if number is None:
            return get_object_or_404(named[:1])
        return get_object_or_404(named, number=number)


class RuleNowSerializer(serializers.Serializer):
    name = serializers.CharField()
    text = serializers.CharField()
    severity = serializers.CharField()
    outcome = serializers.CharField()
    sentence = serializers.CharField()
    stands_in_the_way = serializers.BooleanField()


class BackTestLineSerializer(serializers.ModelSerializer):
    model = serializers.CharField(source="version.model.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    evaluation = serializers.UUIDField(source="evaluation_id", read_only=True)
    dataset = serializers.CharField(source="evaluation.dataset", read_only=True)
    evaluated_at = serializers.DateTimeField(source="evaluation.finished_at", read_only=True)
    blessing = serializers.IntegerField(
        source="blessing_id", read_only=True, allow_null=True, help_text="The verdict of then."
    )
    rules = RuleNowSerializer(many=True, read_only=True)

    class Meta:
        model = BackTestLine
        fields = [
            "model", "version", "evaluation", "dataset", "evaluated_at", "blessing",
            "verdict_then", "verdict_now", "sentence", "rules", "differs", "direction",
            "decides", "is_serving", "later_breached", "breach_reason",
        ]  # fmt: skip
        read_only_fields = fields


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"

    def render(self, data: object, *_: object, **__: object) -> bytes:
        """Problems stay JSON: lines are streamed without a renderer."""
        return JSONRenderer().render(data)


class BackTestLineViewSet(ListModelMixin, Resource):
    """The worst first: blocked and serving, blocked and later breached, blocked, would pass, the rest."""

    model = BackTestLine
    serializer_class = BackTestLineSerializer
    filterset_class = BackTestLineFilter

    def visible(self) -> QuerySet[BackTestLine]:
        seen = BackTest.objects.visible_to(self.caller)
        return queries.seen_lines(get_object_or_404(seen, pk=self.kwargs["pk"]), self.caller)

    def get_renderers(self) -> list[BaseRenderer]:
        return [*super().get_renderers(), CsvRenderer()]

    @extend_schema(
        responses={
            (200, "application/json"): BackTestLineSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        }
    )
    def list(self, request: Request, pk: str) -> HttpResponseBase:
        """Pages of JSON, or all lines with `Accept: text/csv` or `?format=csv`."""
        if request.accepted_renderer.format == CsvRenderer.format:
            return streamed("back-test", self.filter_queryset(self.get_queryset()), LINES)
        return super().list(request)
