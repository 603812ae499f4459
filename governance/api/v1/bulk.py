"""Many versions or tags in one call: each item answered for itself, or all of them or none."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.errors import problem
from governance.api.resources import Resource, Text
from governance.api.schema import ProblemSerializer
from governance.api.v1.versions import NewVersionSerializer, VersionSerializer
from governance.errors import DOMAIN_ERRORS
from registry import queries, services
from registry.models import ModelVersion, RegisteredModel, VersionTag

MOST_VERSIONS, MOST_TAGS = 100, 500
Act = Callable[[], Any]


class BulkVersionSerializer(NewVersionSerializer):
    model = serializers.CharField(trim_whitespace=False)


class BulkVersionsSerializer(serializers.Serializer):
    atomic = serializers.BooleanField(default=False, help_text="All of them or none.")
    versions = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=MOST_VERSIONS
    )


class BulkTagSerializer(serializers.Serializer):
    model = serializers.CharField(trim_whitespace=False)
    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Left out: a tag of the model itself.",
    )
    key = serializers.CharField(trim_whitespace=False)
    value = Text(allow_null=True, required=True, help_text="Null takes the tag away.")


class BulkTagsSerializer(serializers.Serializer):
    atomic = serializers.BooleanField(default=False, help_text="All of them or none.")
    tags = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=MOST_TAGS
    )


class BulkVersionAnswerSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    status = serializers.IntegerField(help_text="What the item would have answered by itself.")
    version = VersionSerializer(required=False)
    problem = ProblemSerializer(required=False)


class BulkTagAnswerSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    status = serializers.IntegerField(help_text="What the item would have answered by itself.")
    problem = ProblemSerializer(required=False)


class BulkVersionAnswersSerializer(serializers.Serializer):
    results = BulkVersionAnswerSerializer(many=True)


class BulkTagAnswersSerializer(serializers.Serializer):
    results = BulkTagAnswerSerializer(many=True)


# What the document says of the items; the view reads them one by one, to answer each.
class VersionsAskedSerializer(BulkVersionsSerializer):
    versions = BulkVersionSerializer(many=True)


class TagsAskedSerializer(BulkTagsSerializer):
    tags = BulkTagSerializer(many=True)


class Undone(Exception):
    """Carries the answer of the item for which all others were taken back."""

    def __init__(self, answer: dict) -> None:
        super().__init__()
        self.answer = answer


class BulkViewSet(Resource):
    model = ModelVersion
    serializer_class = BulkVersionAnswersSerializer
    scope = "register"

    @extend_schema(
        request=VersionsAskedSerializer, responses=BulkVersionAnswersSerializer, filters=False
    )
    def versions(self, request: Request) -> Response:
        """Registers up to 100 versions; the answer has one status and version or problem an item.

        With `atomic`, the first problem undoes everything and is the answer.
        """
        asked = self.validated(BulkVersionsSerializer)
        acts = [partial(self._register, item) for item in asked["versions"]]
        return self._answered(acts, asked["versions"], asked["atomic"], self._with_versions)

    @extend_schema(
        request=TagsAskedSerializer, responses=BulkTagAnswersSerializer, filters=False
    )
    def tags(self, request: Request) -> Response:
        """Sets or takes away up to 500 tags of models and versions, each answered for itself.

        With `atomic`, the first problem undoes everything and is the answer.
        """
        asked = self.validated(BulkTagsSerializer)
        acts = [partial(self._tag, item) for item in asked["tags"]]
        return self._answered(acts, asked["tags"], asked["atomic"], _with_statuses)

    def _register(self, item: dict) -> tuple[int, ModelVersion]:
        fields = self._read(BulkVersionSerializer, item)
        model = queries.model_named(fields.pop("model"), user=self.caller)
        if parent := fields.pop("parent", None):
            named = (parent["model"]["name"], parent["number"])
            fields["parent"] = queries.version_numbered(*named, user=self.caller)
        return 201, services.create_version(model, actor=self.caller, **fields)

    def _tag(self, item: dict) -> tuple[int, VersionTag | None]:
        fields = self._read(BulkTagSerializer, item)
        subject = queries.model_named(fields["model"], user=self.caller)
        if number := fields.get("version"):
            subject = queries.live_version(subject, number)
        if fields["value"] is None:
            services.delete_tag(subject, fields["key"], actor=self.caller)
            return 204, None
        tag = services.set_tag(subject, fields["key"], fields["value"], actor=self.caller)
        return 200, tag

    def _read(self, serializer: type[serializers.Serializer], item: dict) -> dict[str, Any]:
        checked = serializer(data=item, context=self.get_serializer_context())
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def _answered(
        self,
        acts: list[Act],
        items: list[dict],
        atomic: bool,
        translated: Callable[[list[dict]], list[dict]],
    ) -> Response:
        try:
            if atomic:
                with services.all_or_nothing(self._models(items)):
                    answers = list(_each(acts, stop=True))
            else:
                answers = list(_each(acts, stop=False))
        except Undone as undone:
            return _undone(undone.answer)
        return Response({"results": translated(answers)})

    def _models(self, items: list[dict]) -> QuerySet[RegisteredModel]:
        names = {name for item in items if isinstance(name := item.get("model"), str)}
        printable = [name for name in names if name.isprintable()]
        return RegisteredModel.objects.visible_to(self.caller).filter(name__in=printable)

    def _with_versions(self, answers: list[dict]) -> list[dict]:
        """Reads all new versions at once, as their list shows them."""
        keys = [one["done"].pk for one in answers if "done" in one]
        made = ModelVersion.objects.filter(pk__in=keys).select_related(
            "model", "created_by", "parent__model"
        )
        by_key = {one.pk: one for one in made.prefetch_related("tags", "aliases")}
        for one in answers:
            if version := one.pop("done", None):
                one["version"] = VersionSerializer(by_key[version.pk]).data
        return answers


def _each(acts: list[Act], *, stop: bool) -> Iterator[dict]:
    for index, act in enumerate(acts):
        try:
            status, done = act()
        except (*DOMAIN_ERRORS, exceptions.ValidationError) as error:
            answer = problem(error, {})
            found = {"index": index, "status": answer.status_code, "problem": answer.data}
            if stop:
                raise Undone(found) from error
            yield found
        else:
            yield {"index": index, "status": status, "done": done}


def _undone(answer: dict) -> Response:
    detail = f"Item {answer['index']}: {answer['problem']['detail']} Nothing was changed."
    body = answer["problem"] | {"detail": detail, "index": answer["index"]}
    return Response(body, answer["status"], content_type="application/problem+json")


def _with_statuses(answers: list[dict]) -> list[dict]:
    return [{key: one[key] for key in one if key != "done"} for one in answers]
