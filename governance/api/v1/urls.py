"""Addresses of version 1, a list for each object; an act is a POST of a noun."""

from django.urls import URLPattern, path, register_converter

from governance.api.addresses import KeyConverter, NameConverter
from governance.api.resources import Resource
from governance.api.v1.aliases import AliasViewSet
from governance.api.v1.approvals import FindingViewSet, RequestViewSet
from governance.api.v1.audit import EntryViewSet, ModelTrailViewSet
from governance.api.v1.back_tests import BackTestLineViewSet, BackTestViewSet
from governance.api.v1.blessings import BlessingViewSet
from governance.api.v1.bulk import BulkViewSet
from governance.api.v1.cards import CardViewSet
from governance.api.v1.channels import ChannelViewSet, MessageViewSet
from governance.api.v1.comparisons import ComparisonViewSet
from governance.api.v1.datasets import DataSetViewSet
from governance.api.v1.evaluations import EvaluationViewSet, VersionEvaluationViewSet
from governance.api.v1.exceptions import ExceptionViewSet
from governance.api.v1.gate import ClearanceViewSet, GateViewSet
from governance.api.v1.history import HistoryViewSet
from governance.api.v1.holding import (
    AbsenceViewSet,
    AcceptanceViewSet,
    DeputyViewSet,
    HandOverViewSet,
)
from governance.api.v1.infra import InfraCheckViewSet
from governance.api.v1.jobs import JobViewSet
from governance.api.v1.kpis import KpiViewSet, ObservationViewSet
from governance.api.v1.me import MailPreferencesViewSet, MeViewSet
from governance.api.v1.models import ModelTagViewSet, ModelViewSet, MoveViewSet
from governance.api.v1.notifications import NotificationViewSet
from governance.api.v1.policies import PolicyFormViewSet, PolicyVersionViewSet
from governance.api.v1.raci import (
    HolderViewSet,
    MatrixFormViewSet,
    MatrixVersionViewSet,
    MatrixViewSet,
)
from governance.api.v1.teams import TeamHolderViewSet, TeamViewSet
from governance.api.v1.use_cases import AdoptionViewSet, RequirementViewSet, UseCaseViewSet
from governance.api.v1.versions import (
    LineageViewSet,
    VersionSearchViewSet,
    VersionTagViewSet,
    VersionViewSet,
)
from governance.api.v1.webhooks import DeliveryViewSet, WebhookViewSet
from governance.api.v1.what_if import WhatIfViewSet

register_converter(NameConverter, "name")
register_converter(KeyConverter, "key")


def door(address: str, view: type[Resource], name: str, **methods: str) -> URLPattern:
    """One address with the method of its view for each method of HTTP."""
    return path(address, view.as_view(methods), name=name)


LIST = {"get": "list"}
COLLECTION = {"get": "list", "post": "create"}
ONE = {"get": "retrieve"}
EDITABLE = {"get": "retrieve", "patch": "partial_update"}
OBJECT = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
TAG = {"put": "update", "delete": "destroy"}
CASE = "use-cases/<slug:slug>/"
PERSON = "people/<str:username>/"
KPI = f"{CASE}kpis/<slug:key>/"
POLICY = "policies/<slug:name>/versions/<int:number>/"
WEBHOOK = "webhooks/<uuid:pk>/"
DELIVERIES = "webhooks/<uuid:webhook>/deliveries/"
VERSION = "models/<name:name>/versions/<int:number>/"

urlpatterns = [
    # me
    door("me/", MeViewSet, "me", **ONE),
    door("me/mail/", MailPreferencesViewSet, "mail_preferences", **EDITABLE),
    # notifications
    door("notifications/", NotificationViewSet, "notifications", **LIST),
    door(
        "notifications/acknowledgements/",
        NotificationViewSet,
        "acknowledgements",
        post="acknowledge",
    ),
    door("notifications/<int:pk>/", NotificationViewSet, "notification", **ONE),
    door(
        "notifications/<int:pk>/sendings/",
        NotificationViewSet,
        "notification_sendings",
        post="send_again",
    ),
    # channels
    door("channels/", ChannelViewSet, "channels", **COLLECTION),
    door("channels/<int:pk>/", ChannelViewSet, "channel", **ONE, delete="destroy"),
    door("messages/", MessageViewSet, "messages", **LIST),
    door("messages/<int:pk>/sendings/", MessageViewSet, "message_sendings", post="send_again"),
    # use-cases
    door("use-cases/", UseCaseViewSet, "use_cases", **COLLECTION),
    door(CASE, UseCaseViewSet, "use_case", **EDITABLE),
    door(f"{CASE}tiers/", UseCaseViewSet, "tiers", post="change_tier"),
    door(f"{CASE}models/", AdoptionViewSet, "adoptions", post="create"),
    door(f"{CASE}requirements/", RequirementViewSet, "requirements", post="create"),
    door(
        f"{CASE}requirements/<int:pk>/",
        RequirementViewSet,
        "requirement",
        patch="partial_update",
    ),
    # use-cases/…/kpis
    door(f"{CASE}kpis/", KpiViewSet, "kpis", **COLLECTION),
    door(KPI, KpiViewSet, "kpi", **EDITABLE),
    door(f"{KPI}observations/", ObservationViewSet, "observations", **COLLECTION),
    # use-cases/…/raci
    door(f"{CASE}raci/", MatrixViewSet, "raci", **EDITABLE, put="update"),
    door(f"{CASE}raci/csv/", MatrixViewSet, "raci_csv", get="as_csv"),
    door(f"{CASE}raci/xlsx/", MatrixViewSet, "raci_xlsx", get="as_xlsx"),
    door(f"{CASE}raci/imports/", MatrixViewSet, "raci_imports", post="take_in"),
    door(f"{CASE}raci/components/", MatrixViewSet, "raci_components", post="add_components"),
    door(f"{CASE}raci/versions/", MatrixVersionViewSet, "raci_versions", **LIST),
    door(f"{CASE}raci/versions/<int:number>/", MatrixVersionViewSet, "raci_version", **ONE),
    door(
        f"{CASE}raci/versions/<int:number>/restore/",
        MatrixVersionViewSet,
        "raci_restore",
        post="restore",
    ),
    door(f"{CASE}raci/holders/", HolderViewSet, "holders", post="create"),
    door(f"{CASE}raci/holders/<int:pk>/", HolderViewSet, "holder", delete="destroy"),
    door(f"{CASE}raci/teams/", TeamHolderViewSet, "team_holders", post="create"),
    door(f"{CASE}raci/teams/<int:pk>/", TeamHolderViewSet, "team_holder", delete="destroy"),
    # teams
    door("teams/", TeamViewSet, "teams", **COLLECTION),
    door("teams/<int:pk>/", TeamViewSet, "team", get="retrieve", delete="destroy"),
    door("teams/<int:pk>/members/", TeamViewSet, "members", post="add_member"),
    door(
        "teams/<int:pk>/members/<str:username>/",
        TeamViewSet,
        "member",
        delete="remove_member",
    ),
    # raci
    door("raci/schema/", MatrixFormViewSet, "raci_schema", get="describe"),
    door("raci/templates/", MatrixFormViewSet, "raci_templates", get="list_templates"),
    door(
        f"{CASE}raci/acceptance/",
        AcceptanceViewSet,
        "acceptance",
        get="retrieve",
        post="create",
    ),
    # people
    door(f"{PERSON}deputies/", DeputyViewSet, "deputies", post="create"),
    door(f"{PERSON}deputies/<int:pk>/", DeputyViewSet, "deputy", delete="destroy"),
    door(f"{PERSON}absences/", AbsenceViewSet, "absences", post="create"),
    door(f"{PERSON}absences/<int:pk>/", AbsenceViewSet, "absence", delete="destroy"),
    door(f"{PERSON}hand-overs/", HandOverViewSet, "hand_overs", post="create"),
    # models
    door("models/", ModelViewSet, "models", **COLLECTION),
    door("models/<name:name>/", ModelViewSet, "model", **OBJECT),
    door("models/<name:name>/renames/", ModelViewSet, "renames", post="rename"),
    door("models/<name:name>/tags/<key:key>/", ModelTagViewSet, "model_tag", **TAG),
    door("models/<name:name>/moves/", MoveViewSet, "moves", **LIST),
    door("models/<name:name>/as-of/", HistoryViewSet, "as_of", get="as_of"),
    door("models/<name:name>/timeline/", HistoryViewSet, "timeline", get="timeline"),
    door("models/<name:name>/trail/", ModelTrailViewSet, "model_trail", **LIST),
    # models/…/aliases
    door("models/<name:name>/aliases/", AliasViewSet, "aliases", **LIST),
    door(
        "models/<name:name>/aliases/<name:alias>/",
        AliasViewSet,
        "alias",
        get="retrieve",
        put="update",
        delete="destroy",
    ),
    # models/…/versions
    door("models/<name:name>/versions/", VersionViewSet, "versions", **COLLECTION),
    door(VERSION, VersionViewSet, "version", **OBJECT),
    door(f"{VERSION}stages/", VersionViewSet, "stages", post="transition"),
    door(f"{VERSION}tags/<key:key>/", VersionTagViewSet, "version_tag", **TAG),
    door(f"{VERSION}lineage/", LineageViewSet, "lineage", **ONE),
    door(f"{VERSION}gate/", GateViewSet, "gate", **ONE),
    door(f"{VERSION}card/", CardViewSet, "card", get="retrieve", patch="partial_update"),
    door(f"{VERSION}card/confirmations/", CardViewSet, "confirmations", post="confirm"),
    door(
        f"{VERSION}evaluations/", VersionEvaluationViewSet, "version_evaluations", **COLLECTION
    ),
    door(
        f"{VERSION}evaluations/reported/",
        VersionEvaluationViewSet,
        "reported_evaluations",
        post="report",
    ),
    # versions and tags of any model
    door("versions/", VersionSearchViewSet, "version_search", **LIST),
    door("bulk/versions/", BulkViewSet, "bulk_versions", post="versions"),
    door("bulk/tags/", BulkViewSet, "bulk_tags", post="tags"),
    # evaluations
    door("evaluations/", EvaluationViewSet, "evaluations", **LIST),
    door("evaluations/<uuid:pk>/", EvaluationViewSet, "evaluation", **ONE),
    door("evaluations/<uuid:pk>/comparison/", EvaluationViewSet, "comparison", get="compare"),
    # comparisons
    door("comparisons/", ComparisonViewSet, "comparisons", **COLLECTION),
    door("comparisons/<uuid:pk>/", ComparisonViewSet, "one_comparison", **ONE),
    # datasets
    door("datasets/", DataSetViewSet, "data_sets", **COLLECTION),
    door("datasets/<uuid:pk>/", DataSetViewSet, "data_set", **ONE, patch="describe"),
    # infra-checks
    door("infra-checks/", InfraCheckViewSet, "infra_checks", **COLLECTION),
    door("infra-checks/<uuid:pk>/", InfraCheckViewSet, "infra_check", **ONE),
    # blessings
    door("blessings/", BlessingViewSet, "blessings", **COLLECTION),
    door("blessings/<int:pk>/", BlessingViewSet, "blessing", **ONE),
    # exceptions
    door("exceptions/", ExceptionViewSet, "exceptions", **COLLECTION),
    door("exceptions/<int:pk>/", ExceptionViewSet, "exception", **ONE),
    door("exceptions/<int:pk>/grants/", ExceptionViewSet, "grants", post="grant"),
    door("exceptions/<int:pk>/refusals/", ExceptionViewSet, "refusals", post="refuse"),
    door(
        "exceptions/<int:pk>/withdrawals/",
        ExceptionViewSet,
        "exception_withdrawals",
        post="withdraw",
    ),
    door(
        "exceptions/<int:pk>/revocations/",
        ExceptionViewSet,
        "exception_revocations",
        post="revoke",
    ),
    door("blessings/<int:pk>/what-if/", WhatIfViewSet, "what_if", post="create"),
    # backtests
    door("backtests/", BackTestViewSet, "back_tests", **COLLECTION),
    door("backtests/<uuid:pk>/", BackTestViewSet, "back_test", **ONE),
    door("backtests/<uuid:pk>/lines/", BackTestLineViewSet, "back_test_lines", **LIST),
    # approvals
    door("conditions/", FindingViewSet, "conditions", get="list"),
    door("conditions/<int:pk>/", FindingViewSet, "condition", **ONE),
    door("conditions/<int:pk>/reports/", FindingViewSet, "reports", post="report"),
    door("conditions/<int:pk>/closures/", FindingViewSet, "closures", post="close"),
    door("conditions/<int:pk>/reopenings/", FindingViewSet, "reopenings", post="reopen"),
    door("approvals/", RequestViewSet, "approvals", **COLLECTION),
    door("approvals/<int:pk>/", RequestViewSet, "approval", **ONE),
    door("approvals/<int:pk>/votes/", RequestViewSet, "votes", post="vote"),
    door("approvals/<int:pk>/rounds/", RequestViewSet, "rounds", post="hand_in"),
    door(
        "approvals/<int:pk>/comments/",
        RequestViewSet,
        "comments",
        get="comments",
        post="comment",
    ),
    door("approvals/<int:pk>/advice/", RequestViewSet, "advice", post="advise"),
    door("approvals/<int:pk>/withdrawals/", RequestViewSet, "withdrawals", post="withdraw"),
    # clearances
    door("clearances/", ClearanceViewSet, "clearances", **LIST),
    door("clearances/<int:pk>/", ClearanceViewSet, "clearance", **ONE),
    door("clearances/<int:pk>/revocations/", ClearanceViewSet, "revocations", post="revoke"),
    # policies
    door("policies/", PolicyVersionViewSet, "policies", **COLLECTION),
    door("policies/schema/", PolicyFormViewSet, "policy_schema", get="describe"),
    door("policies/check/", PolicyFormViewSet, "policy_check", post="check"),
    door("policies/starters/", PolicyFormViewSet, "policy_starters", get="starters"),
    door("policies/<slug:name>/text/", PolicyVersionViewSet, "policy_file", put="put_file"),
    # policies/…/versions
    door(POLICY, PolicyVersionViewSet, "policy", **EDITABLE),
    door(f"{POLICY}text/", PolicyVersionViewSet, "policy_text", get="download"),
    door(
        f"{POLICY}differences/", PolicyVersionViewSet, "policy_differences", get="differences"
    ),
    door(f"{POLICY}submissions/", PolicyVersionViewSet, "submissions", post="submit"),
    door(f"{POLICY}returns/", PolicyVersionViewSet, "returns", post="send_back"),
    door(f"{POLICY}publications/", PolicyVersionViewSet, "publications", post="publish"),
    door(f"{POLICY}retirements/", PolicyVersionViewSet, "retirements", post="retire"),
    door(f"{POLICY}discards/", PolicyVersionViewSet, "discards", post="discard"),
    # jobs
    door("jobs/", JobViewSet, "jobs", **LIST),
    door("jobs/<uuid:pk>/", JobViewSet, "job", **ONE),
    door("jobs/<uuid:pk>/cancellations/", JobViewSet, "cancellations", post="cancel"),
    door("jobs/<uuid:pk>/retries/", JobViewSet, "retries", post="retry"),
    # webhooks
    door("webhooks/", WebhookViewSet, "webhooks", **COLLECTION),
    door(WEBHOOK, WebhookViewSet, "webhook", **OBJECT),
    door(f"{WEBHOOK}secrets/", WebhookViewSet, "webhook_secrets", post="rotate"),
    door(f"{WEBHOOK}tests/", WebhookViewSet, "webhook_tests", post="test"),
    door(DELIVERIES, DeliveryViewSet, "deliveries", **LIST),
    door(f"{DELIVERIES}<uuid:pk>/", DeliveryViewSet, "delivery", **ONE),
    door(f"{DELIVERIES}<uuid:pk>/sendings/", DeliveryViewSet, "sendings", post="send_again"),
    # audit
    door("audit/", EntryViewSet, "entries", **LIST),
    door("audit/<int:pk>/", EntryViewSet, "entry", **ONE),
]
