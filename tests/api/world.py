"""A small world in which every door of the API leads somewhere, on the story of release.

Ada builds, Mo owns the model, Bo the business, Rui validates, Olu operates, Pol edits policies,
Vi audits, Root administers, Cy is a stranger.
"""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from governance.approvals import findings
from governance.approvals.models import Finding, Request, Vote
from governance.audit.models import Entry
from governance.backtests import services as back_tests
from governance.backtests.models import BackTest
from governance.blessing.models import Blessing, RuleResult
from governance.datasets import services as datasets
from governance.datasets.models import DataSet
from governance.evaluation import comparing
from governance.evaluation import services as evaluations
from governance.evaluation.models import Comparison
from governance.infra import services as infra
from governance.infra.models import InfraCheck
from governance.jobs import runner
from governance.jobs.models import Job
from governance.notifications.models import MailState, Message, Notification
from governance.notifications.services import tell
from governance.policies import services as policies
from governance.usecases import services as usecases
from governance.usecases.queries import matrix_of
from governance.webhooks.models import Delivery
from raci import acceptance, teams
from raci.models import Absence, Deputy, Holder, Matrix
from registry import services as registry
from tests.accounts.factories import person
from tests.evaluation.factories import COLUMNS, predictions
from tests.exceptions import factories as exceptions
from tests.notifications.chats import chat_channel
from tests.policies.factories import policy_text
from tests.release import factories as release
from tests.webhooks.standard_factories import governed


def build(folder: Path) -> dict[str, object]:
    """Makes everything and returns the ids that addresses and bodies need, by name.

    v1 is cleared, v2 waits for its first signature, v3 may be asked for, v4 has a carried-over card.
    """
    told = release.ready()
    clearance = release.cleared(told)
    condition, reported = conditions(clearance.request)
    waiting = release.requested(release.challenger(told))
    ready = release.challenger(told)
    bare = registry.create_version(ready.version.model, actor=person("ada"))
    file = folder / "hold_out.parquet"
    predictions(60).to_parquet(file, index=False)
    queued, failed = (_evaluation(told.version, file) for _ in range(2))
    Job.objects.filter(pk=failed.job_id).update(state="failed")
    (folder / "model.onnx").write_bytes(b"never opened")
    registry.set_alias(told.version.model, "candidate", told.version, actor=person("olu"))
    person("cy")
    person("vi", "auditor")
    free_model = registry.create_model("free", actor=person("ada"))
    requirement = usecases.add_requirement(
        told.use_case, actor=person("bo"), title="An endpoint", owner_team="Platform"
    )
    draft = policies.draft("draft", policy_text(name="draft"), actor=person("pol"))
    red = verdict_in_red(told)
    asked = exceptions.ask_about(verdict_in_red(told))
    review = policies.draft("review", policy_text(name="review"), actor=person("pol"))
    policies.submit(review, actor=person("pol"))
    later = timezone.now() + timedelta(days=90)
    deputy = Deputy.objects.create(person=person("ada"), deputy=person("pol"), since=later)
    absence = Absence.objects.create(
        person=person("ada"), since=later, until=later + timedelta(days=9)
    )
    root = person("root", "administrator")
    team, idle = teams.create("Crew", actor=root), teams.create("Idle", actor=root)
    teams.add_member(idle, person("ada"), actor=root)
    team_holder = teams.assign_team(matrix_of(told.use_case), "DE", team, actor=root)
    hook = governed(owner=person("ada"))
    notified = Notification.objects.filter(user=person("ada")).first()
    chat = chat_channel(person("ada"))
    return {
        "channel": chat.pk,
        "message": Message.objects.create(
            channel=chat, notification=notified, state="failed"
        ).pk,
        "webhook": hook.pk,
        "delivery": Delivery.objects.create(
            webhook=hook, event="request.opened", body="{}", state="failed"
        ).pk,
        "team": team.pk,
        "idle": idle.pk,
        "team_holder": team_holder.pk,
        "digest": acceptance.of_person(
            person("ada"), Matrix.objects.get(scope=told.use_case.scope)
        ).digest,
        "until_moment": (timezone.now() + timedelta(days=30)).isoformat(),
        "deputy": deputy.pk,
        "absence": absence.pk,
        "cy": person("cy").pk,
        "red": red.pk,
        "exception": asked.pk,
        "granted": exceptions.row(
            asked.version, state="granted", granted_at=timezone.now(), rule_text="other: 1"
        ).pk,
        "source": str(file),
        "onnx": str(folder / "model.onnx"),
        "infra": infra_check(told.version, folder / "model.onnx").pk,
        "data_set": data_set(told.use_case, file).pk,
        "case": told.use_case,
        "kpi": told.use_case.kpis.get(),
        "told": told,
        "version": told.version,
        "free": free_model,
        "clearance": clearance.pk,
        "approval": waiting.pk,
        "evidence": waiting.evidence_digest,
        "condition": condition.pk,
        "reported": reported.pk,
        "blessing": told.blessing.pk,
        "back_test": back_test().pk,
        "evaluation": queued.pk,
        "finished": told.blessing.evaluation_id,
        "other": ready.blessing.evaluation_id,
        "comparison": compared(told.blessing.evaluation, ready.blessing.evaluation).pk,
        "bare": bare.number,
        "job": queued.job_id,
        "failed": failed.job_id,
        "requirement": requirement.pk,
        "draft": draft,
        "holder": Holder.objects.get(user__username="olu").pk,
        "failed_mail": failed_mail().pk,
        "entry": Entry.objects.filter(actor__username="ada").first().pk,
    }


def failed_mail() -> Notification:
    """A mail to Ada that was given up."""
    ada = person("ada")
    [row] = tell([ada], "policy_told", subject=ada, title="t", line="l", url="/policies/")
    Notification.objects.filter(pk=row.pk).update(mail_state=MailState.FAILED)
    return row


def conditions(request: Request) -> list[Finding]:
    """Two that Rui set and Ada sees to; the second is reported done."""
    vote = Vote.objects.get(step__request=request, user=person("rui"))
    until = timezone.localdate() + timedelta(days=30)
    asked = [
        findings.Condition(f"Watch it, {word} time.", "ada", until) for word in ("one", "two")
    ]
    made = findings.set_conditions(
        request, vote, findings.checked(asked, Vote.Decision.APPROVE, request)
    )
    findings.report(made[1], actor=person("ada"), report="A dashboard is up.")
    return made


def verdict_in_red(told) -> Blessing:
    """A version that is not blessed, for one compulsory rule."""
    version = registry.create_version(told.version.model, actor=person("ada"))
    blessing = release.judged(
        told.use_case, version, told.policy, by=person("ada"), verdict="not_blessed"
    ).blessing
    RuleResult.objects.create(
        blessing=blessing,
        position=0,
        name="auc floor",
        text="auc floor: auc at least 0.75",
        severity="must",
        outcome="fail",
        sentence="ROC AUC is 0.61; at least 0.75 is asked.",
    )
    return blessing


def infra_check(version, file: Path) -> InfraCheck:
    """A check that was asked for; `file` lies in a folder that is open."""
    return infra.request_check(version, actor=person("mo"), artifact=str(file))


def compared(evaluation, other) -> Comparison:
    """A comparison that was asked for."""
    return comparing.request_comparison(evaluation, other, actor=person("mo"))


def back_test() -> BackTest:
    """Ada's, finished, over everything she may see."""
    made = back_tests.request_back_test(actor=person("ada"), text=policy_text())
    runner.run(str(made.job_id))
    return made


def data_set(case, file: Path, version: str = "1") -> DataSet:
    """A data set whose file lies in a folder that is open."""
    return datasets.record_data_set(
        "people", actor=person("mo"), source=str(file), version=version, use_case=case
    )


def _evaluation(version, file):
    return evaluations.request_evaluation(
        version, actor=person("mo"), source=str(file), columns=COLUMNS, dataset_name="hold-out"
    )
