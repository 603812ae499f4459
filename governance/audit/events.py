"""Every event name of the audit trail, with the words a reader sees."""

from django.db import models


class Event(models.TextChoices):
    # accounts
    USER_CREATED = "accounts.user.created", "Account created"
    SIGNED_IN = "accounts.signed_in", "Signed in"
    SIGN_IN_FAILED = "accounts.sign_in_failed", "Sign-in failed"
    FACTOR_ADDED = "accounts.factor.added", "Second factor added"
    FACTOR_REMOVED = "accounts.factor.removed", "Second factor removed"
    TOKEN_CREATED = "accounts.token.created", "API token created"
    TOKEN_REVOKED = "accounts.token.revoked", "API token revoked"
    # registry
    MODEL_CREATED = "registry.model.created", "Model registered"
    MODEL_UPDATED = "registry.model.updated", "Model described"
    MODEL_RENAMED = "registry.model.renamed", "Model renamed"
    MODEL_DELETED = "registry.model.deleted", "Model deleted"
    VERSION_CREATED = "registry.version.created", "Version registered"
    VERSION_UPDATED = "registry.version.updated", "Version described"
    VERSION_DELETED = "registry.version.deleted", "Version deleted"
    ALIAS_SET = "registry.alias.set", "Alias set"
    ALIAS_DELETED = "registry.alias.deleted", "Alias removed"
    STAGE_CHANGED = "registry.stage.changed", "Stage changed"
    ARTIFACT_PINNED = "registry.artifact.pinned", "Artifact pinned"
    ARTIFACT_CHANGED = "registry.artifact.changed", "Artifact found changed"
    TAG_SET = "registry.tag.set", "Tag set"
    TAG_DELETED = "registry.tag.deleted", "Tag removed"
    # raci
    MATRIX_CREATED = "raci.matrix.created", "RACI matrix created"
    MATRIX_REVISED = "raci.matrix.revised", "RACI matrix changed"
    DEFAULT_CHOSEN = "raci.default.chosen", "Matrix of new use cases chosen"
    CELL_CHANGED = "raci.cell.changed", "RACI cell changed"
    HOLDER_ASSIGNED = "raci.holder.assigned", "Role assigned"
    HOLDER_UNASSIGNED = "raci.holder.unassigned", "Role taken away"
    TEAM_ASSIGNED = "raci.team.assigned", "Role given to a team"
    TEAM_UNASSIGNED = "raci.team.unassigned", "Role taken from a team"
    TEAM_CREATED = "raci.team.created", "Team made"
    TEAM_DELETED = "raci.team.deleted", "Team deleted"
    MEMBER_ADDED = "raci.team.member_added", "Person added to a team"
    MEMBER_REMOVED = "raci.team.member_removed", "Person taken out of a team"
    DEPUTY_NAMED = "raci.deputy.named", "Deputy named"
    DEPUTY_ENDED = "raci.deputy.ended", "Deputy ended"
    ABSENCE_ENTERED = "raci.absence.entered", "Absence entered"
    ABSENCE_ENDED = "raci.absence.ended", "Absence ended"
    HANDED_OVER = "raci.handed_over", "Roles handed over"
    DUTIES_ACCEPTED = "raci.duties.accepted", "Duties accepted"
    # jobs
    JOB_CANCELLED = "jobs.cancelled", "Job cancelled"
    JOB_FAILED = "jobs.failed", "Job failed"
    JOB_RETRIED = "jobs.retried", "Job started again"
    # notifications
    MAIL_PREFERENCES_SET = "notifications.preferences.set", "Mail preferences set"
    MAIL_RESENT = "notifications.resent", "Failed mail sent again"
    TOLD_ACKNOWLEDGED = "notifications.acknowledged", "Took note of what they were told"
    CHANNEL_ADDED = "notifications.channel.added", "Chat channel added"
    CHANNEL_REMOVED = "notifications.channel.removed", "Chat channel removed"
    CHAT_RESENT = "notifications.chat.resent", "Failed chat message sent again"
    # connections
    CONNECTION_CREATED = "connections.created", "Connection made"
    CONNECTION_UPDATED = "connections.updated", "Connection changed"
    SYNC_STARTED = "connections.sync.started", "Import started"
    DIVERGENCE_SEEN = "connections.divergence.seen", "Divergence seen"
    DIVERGENCE_RESOLVED = "connections.divergence.resolved", "Divergence resolved"
    ALIAS_MOVED_BACK = "connections.alias.moved_back", "Alias moved back there"
    # webhooks
    WEBHOOK_CREATED = "webhooks.created", "Webhook made"
    WEBHOOK_UPDATED = "webhooks.updated", "Webhook changed"
    WEBHOOK_DELETED = "webhooks.deleted", "Webhook deleted"
    WEBHOOK_RESENT = "webhooks.resent", "Delivery sent again"
    WEBHOOK_FAILING = "webhooks.failing", "Webhook fails for a day"
    # use cases
    USE_CASE_OPENED = "usecases.opened", "Use case opened"
    USE_CASE_REVISED = "usecases.revised", "Use case revised"
    MODEL_ADOPTED = "usecases.model.adopted", "Model adopted into the use case"
    KPI_DEFINED = "usecases.kpi.defined", "KPI defined"
    KPI_OBSERVED = "usecases.kpi.observed", "KPI observed"
    TIER_CHANGED = "usecases.tier.changed", "Risk tier changed"
    BASE_MODEL_ADOPTED = "usecases.base_model.adopted", "Base model adopted"
    KPI_REVISED = "usecases.kpi.revised", "KPI revised"
    REQUIREMENT_ADDED = "usecases.requirement.added", "Technical requirement added"
    REQUIREMENT_MOVED = "usecases.requirement.moved", "Technical requirement moved on"
    # policies
    POLICY_DRAFTED = "policies.drafted", "Policy drafted"
    POLICY_REVISED = "policies.revised", "Policy draft revised"
    POLICY_SUBMITTED = "policies.submitted", "Policy given to review"
    POLICY_SENT_BACK = "policies.sent_back", "Policy sent back from review"
    POLICY_PUBLISHED = "policies.published", "Policy published"
    POLICY_RETIRED = "policies.retired", "Policy retired"
    POLICY_DISCARDED = "policies.discarded", "Policy draft discarded"
    # exceptions
    EXCEPTION_ASKED = "exceptions.asked", "Exception asked for"
    EXCEPTION_SIGNED = "exceptions.signed", "Exception signed"
    EXCEPTION_GRANTED = "exceptions.granted", "Exception granted"
    EXCEPTION_REFUSED = "exceptions.refused", "Exception refused"
    EXCEPTION_WITHDRAWN = "exceptions.withdrawn", "Exception withdrawn"
    EXCEPTION_REVOKED = "exceptions.revoked", "Exception revoked"
    EXCEPTION_EXPIRED = "exceptions.expired", "Exception expired"
    # evaluation
    EVALUATION_REQUESTED = "evaluation.requested", "Evaluation requested"
    EVALUATION_FINISHED = "evaluation.finished", "Evaluation finished"
    EVALUATION_FAILED = "evaluation.failed", "Evaluation failed"
    COMPARISON_REQUESTED = "evaluation.comparison.requested", "Comparison requested"
    COMPARISON_FINISHED = "evaluation.comparison.finished", "Comparison finished"
    # data sets
    DATA_SET_RECORDED = "datasets.recorded", "Data set recorded"
    DATA_SET_PROFILED = "datasets.profiled", "Data set read"
    DATA_SET_DESCRIBED = "datasets.described", "Data set described"
    # infra
    INFRA_CHECK_REQUESTED = "infra.requested", "Infra check requested"
    INFRA_CHECKED = "infra.checked", "Infra check finished"
    INFRA_CHECK_BROKEN = "infra.broken", "Infra check did not end"
    # blessing
    BLESSING_GIVEN = "blessing.judged", "Verdict reached"
    # back-tests
    BACK_TEST_REQUESTED = "backtests.requested", "Back-test asked for"
    BACK_TEST_FINISHED = "backtests.finished", "Back-test finished"
    # cards
    CARD_REVISED = "cards.revised", "Model card revised"
    CARD_CONFIRMED = "cards.confirmed", "Carried-over card text confirmed"
    # approvals
    REQUEST_OPENED = "approvals.request.opened", "Approval asked for"
    REQUEST_APPROVED = "approvals.request.approved", "Request approved"
    REQUEST_REJECTED = "approvals.request.rejected", "Request rejected"
    REQUEST_WITHDRAWN = "approvals.request.withdrawn", "Request withdrawn"
    REQUEST_EXPIRED = "approvals.request.expired", "Request expired"
    CHANGES_ASKED = "approvals.request.changes_asked", "Changes asked for"
    HANDED_IN_AGAIN = "approvals.request.handed_in_again", "Handed in again"
    VOTED = "approvals.voted", "Signed"
    ADVISED = "approvals.advised", "Advice given"
    SILENT = "approvals.advice.silent", "No advice by the due date"
    ESCALATED = "approvals.escalated", "Escalated"
    COMMENTED = "approvals.commented", "Asked or answered"
    FINDING_SET = "approvals.finding.set", "Condition set"
    FINDING_OVERDUE = "approvals.finding.overdue", "Condition overdue"
    FINDING_REPORTED = "approvals.finding.reported", "Condition reported done"
    FINDING_CLOSED = "approvals.finding.closed", "Condition closed"
    FINDING_REOPENED = "approvals.finding.reopened", "Condition opened again"
    # release
    CLEARANCE_GRANTED = "release.clearance.granted", "Clearance granted"
    CLEARANCE_LAPSED = "release.clearance.lapsed", "Clearance lapsed"
    CLEARANCE_REVOKED = "release.clearance.revoked", "Clearance revoked"
    CLEARANCE_RENEWED = "release.clearance.renewed", "Clearance renewed"
    REVALIDATION_CALLED = "release.revalidation.called", "Re-validation called for"


# What somebody tried, for the entries that tell of a refusal: “Refused: set alias”.
ATTEMPTS = {
    Event.SIGNED_IN: "sign in",
    Event.SIGN_IN_FAILED: "sign in",
    Event.FACTOR_REMOVED: "remove a second factor",
    Event.TOKEN_CREATED: "create API token",
    Event.MODEL_CREATED: "register model",
    Event.MODEL_UPDATED: "describe model",
    Event.MODEL_RENAMED: "rename model",
    Event.MODEL_DELETED: "delete model",
    Event.VERSION_CREATED: "register version",
    Event.VERSION_UPDATED: "describe version",
    Event.VERSION_DELETED: "delete version",
    Event.ALIAS_SET: "set alias",
    Event.ALIAS_DELETED: "remove alias",
    Event.STAGE_CHANGED: "change stage",
    Event.TAG_SET: "set tag",
    Event.TAG_DELETED: "remove tag",
    Event.MATRIX_CREATED: "create RACI matrix",
    Event.MATRIX_REVISED: "change RACI matrix",
    Event.DEFAULT_CHOSEN: "choose matrix of new use cases",
    Event.CELL_CHANGED: "change RACI cell",
    Event.HOLDER_ASSIGNED: "assign role",
    Event.HOLDER_UNASSIGNED: "take role away",
    Event.TEAM_ASSIGNED: "give role to a team",
    Event.TEAM_UNASSIGNED: "take role from a team",
    Event.TEAM_CREATED: "make team",
    Event.TEAM_DELETED: "delete team",
    Event.MEMBER_ADDED: "add person to a team",
    Event.MEMBER_REMOVED: "take person out of a team",
    Event.DEPUTY_NAMED: "name deputy",
    Event.DEPUTY_ENDED: "end deputy",
    Event.ABSENCE_ENTERED: "enter absence",
    Event.ABSENCE_ENDED: "end absence",
    Event.HANDED_OVER: "hand over roles",
    Event.DUTIES_ACCEPTED: "accept duties",
    Event.JOB_CANCELLED: "cancel job",
    Event.JOB_RETRIED: "start job again",
    Event.USE_CASE_OPENED: "open use case",
    Event.USE_CASE_REVISED: "revise use case",
    Event.MODEL_ADOPTED: "adopt model into the use case",
    Event.KPI_DEFINED: "define KPI",
    Event.KPI_OBSERVED: "record an observation of a KPI",
    Event.KPI_REVISED: "revise KPI",
    Event.TIER_CHANGED: "change risk tier",
    Event.REQUIREMENT_ADDED: "add technical requirement",
    Event.REQUIREMENT_MOVED: "move technical requirement on",
    Event.POLICY_DRAFTED: "draft policy",
    Event.POLICY_REVISED: "revise policy draft",
    Event.POLICY_SUBMITTED: "give policy to review",
    Event.POLICY_SENT_BACK: "send policy back from review",
    Event.POLICY_PUBLISHED: "publish policy",
    Event.POLICY_RETIRED: "retire policy",
    Event.POLICY_DISCARDED: "discard policy draft",
    Event.EXCEPTION_ASKED: "ask for an exception",
    Event.EXCEPTION_SIGNED: "sign exception",
    Event.EXCEPTION_WITHDRAWN: "withdraw exception",
    Event.EXCEPTION_REVOKED: "revoke exception",
    Event.EVALUATION_REQUESTED: "request evaluation",
    Event.COMPARISON_REQUESTED: "request comparison",
    Event.INFRA_CHECK_REQUESTED: "request infra check",
    Event.BLESSING_GIVEN: "reach a verdict",
    Event.BACK_TEST_REQUESTED: "ask for a back-test",
    Event.CARD_REVISED: "revise model card",
    Event.CARD_CONFIRMED: "confirm carried-over card text",
    Event.REQUEST_OPENED: "ask for approval",
    Event.REQUEST_WITHDRAWN: "withdraw request",
    Event.HANDED_IN_AGAIN: "hand in again",
    Event.VOTED: "sign",
    Event.ADVISED: "give advice",
    Event.COMMENTED: "comment",
    Event.FINDING_REPORTED: "report a condition done",
    Event.FINDING_CLOSED: "close a condition",
    Event.FINDING_REOPENED: "open a condition again",
    Event.CLEARANCE_REVOKED: "revoke clearance",
}


def choices() -> list[tuple[str, str]]:
    """For the field of the trail: named by function, so that a new event needs no migration."""
    return Event.choices
