"""The trail of who did what, read only."""

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from governance.api.resources import Resource
from governance.audit.filters import EntryFilter
from governance.audit.models import Entry
from governance.dashboards import trail
from registry import queries


class EntrySerializer(serializers.ModelSerializer):
    sentence = serializers.CharField(read_only=True)
    reasons = serializers.ListField(
        source="told_reasons", child=serializers.CharField(), read_only=True
    )
    data = serializers.DictField(read_only=True)

    class Meta:
        model = Entry
        fields = [
            "id", "at", "event", "sentence", "reasons", "refused", "actor_name",
            "subject_type", "subject_id", "subject_label", "request_id", "data",
        ]  # fmt: skip
        read_only_fields = fields


class EntryViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Auditors and administrators read the whole trail, others what they did themselves."""

    model = Entry
    serializer_class = EntrySerializer
    filterset_class = EntryFilter

    def visible(self) -> QuerySet[Entry]:
        return Entry.objects.visible_to(self.caller)


class ModelTrailViewSet(ListModelMixin, Resource):
    """Who did what on the model and its versions; everybody reads it who may see the model."""

    model = Entry
    serializer_class = EntrySerializer
    filterset_class = EntryFilter

    def visible(self) -> QuerySet[Entry]:
        return trail.of_model(queries.model_named(self.kwargs["name"], user=self.caller))
