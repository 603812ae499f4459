"""What a governance webhook may wait for, and which entries of the audit trail tell of it."""

from django.db import models

from governance.audit.events import Event as Audited


class Governed(models.TextChoices):
    REQUEST_OPENED = "request.opened", "Approval asked for"
    REQUEST_SIGNED = "request.signed", "Request signed"
    REQUEST_ADVISED = "request.advised", "Advice on a request given"
    REQUEST_SILENT = "request.silent", "No advice by the due date"
    REQUEST_ESCALATED = "request.escalated", "Overdue step went on to others"
    REQUEST_CHANGES_ASKED = "request.changes_asked", "Changes asked for"
    REQUEST_HANDED_IN_AGAIN = "request.handed_in_again", "Request handed in again"
    REQUEST_APPROVED = "request.approved", "Request approved"
    REQUEST_REJECTED = "request.rejected", "Request rejected"
    REQUEST_WITHDRAWN = "request.withdrawn", "Request withdrawn"
    REQUEST_EXPIRED = "request.expired", "Request expired"
    CONDITION_SET = "condition.set", "Condition set"
    CONDITION_DONE = "condition.done", "Condition reported done"
    CONDITION_ACCEPTED = "condition.accepted", "Condition accepted as done"
    CONDITION_REOPENED = "condition.reopened", "Condition opened again"
    CONDITION_OVERDUE = "condition.overdue", "Condition overdue"
    CLEARANCE_GRANTED = "clearance.granted", "Clearance granted"
    CLEARANCE_RENEWED = "clearance.renewed", "Clearance renewed"
    REVALIDATION_CALLED = "clearance.revalidation_called", "Re-validation called for"
    CLEARANCE_LAPSED = "clearance.lapsed", "Clearance lapsed"
    CLEARANCE_REVOKED = "clearance.revoked", "Clearance revoked"
    EXCEPTION_ASKED = "exception.asked", "Exception asked for"
    EXCEPTION_SIGNED = "exception.signed", "Exception signed"
    EXCEPTION_GRANTED = "exception.granted", "Exception granted"
    EXCEPTION_REFUSED = "exception.refused", "Exception refused"
    EXCEPTION_WITHDRAWN = "exception.withdrawn", "Exception withdrawn"
    EXCEPTION_REVOKED = "exception.revoked", "Exception revoked"
    EXCEPTION_EXPIRED = "exception.expired", "Exception expired"
    VERDICT_REACHED = "verdict.reached", "Verdict reached"
    POLICY_IN_REVIEW = "policy.in_review", "Policy given to review"
    POLICY_PUBLISHED = "policy.published", "Policy published"
    POLICY_RETIRED = "policy.retired", "Policy retired"
    RACI_CHANGED = "raci.changed", "RACI matrix or its holders changed"
    TIER_CHANGED = "use_case.tier_changed", "Risk tier of a use case changed"
    BASE_MODEL_ADOPTED = "use_case.base_model_adopted", "Base model adopted"


BY_ENTRY: dict[str, Governed] = {
    Audited.REQUEST_OPENED: Governed.REQUEST_OPENED,
    Audited.VOTED: Governed.REQUEST_SIGNED,
    Audited.ADVISED: Governed.REQUEST_ADVISED,
    Audited.SILENT: Governed.REQUEST_SILENT,
    Audited.ESCALATED: Governed.REQUEST_ESCALATED,
    Audited.CHANGES_ASKED: Governed.REQUEST_CHANGES_ASKED,
    Audited.HANDED_IN_AGAIN: Governed.REQUEST_HANDED_IN_AGAIN,
    Audited.REQUEST_APPROVED: Governed.REQUEST_APPROVED,
    Audited.REQUEST_REJECTED: Governed.REQUEST_REJECTED,
    Audited.REQUEST_WITHDRAWN: Governed.REQUEST_WITHDRAWN,
    Audited.REQUEST_EXPIRED: Governed.REQUEST_EXPIRED,
    Audited.FINDING_SET: Governed.CONDITION_SET,
    Audited.FINDING_REPORTED: Governed.CONDITION_DONE,
    Audited.FINDING_CLOSED: Governed.CONDITION_ACCEPTED,
    Audited.FINDING_REOPENED: Governed.CONDITION_REOPENED,
    Audited.FINDING_OVERDUE: Governed.CONDITION_OVERDUE,
    Audited.CLEARANCE_GRANTED: Governed.CLEARANCE_GRANTED,
    Audited.CLEARANCE_RENEWED: Governed.CLEARANCE_RENEWED,
    Audited.REVALIDATION_CALLED: Governed.REVALIDATION_CALLED,
    Audited.CLEARANCE_LAPSED: Governed.CLEARANCE_LAPSED,
    Audited.CLEARANCE_REVOKED: Governed.CLEARANCE_REVOKED,
    Audited.EXCEPTION_ASKED: Governed.EXCEPTION_ASKED,
    Audited.EXCEPTION_SIGNED: Governed.EXCEPTION_SIGNED,
    Audited.EXCEPTION_GRANTED: Governed.EXCEPTION_GRANTED,
    Audited.EXCEPTION_REFUSED: Governed.EXCEPTION_REFUSED,
    Audited.EXCEPTION_WITHDRAWN: Governed.EXCEPTION_WITHDRAWN,
    Audited.EXCEPTION_REVOKED: Governed.EXCEPTION_REVOKED,
    Audited.EXCEPTION_EXPIRED: Governed.EXCEPTION_EXPIRED,
    Audited.BLESSING_GIVEN: Governed.VERDICT_REACHED,
    Audited.POLICY_SUBMITTED: Governed.POLICY_IN_REVIEW,
    Audited.POLICY_PUBLISHED: Governed.POLICY_PUBLISHED,
    Audited.POLICY_RETIRED: Governed.POLICY_RETIRED,
    Audited.MATRIX_REVISED: Governed.RACI_CHANGED,
    Audited.CELL_CHANGED: Governed.RACI_CHANGED,
    Audited.HOLDER_ASSIGNED: Governed.RACI_CHANGED,
    Audited.HOLDER_UNASSIGNED: Governed.RACI_CHANGED,
    Audited.TEAM_ASSIGNED: Governed.RACI_CHANGED,
    Audited.TEAM_UNASSIGNED: Governed.RACI_CHANGED,
    Audited.HANDED_OVER: Governed.RACI_CHANGED,
    Audited.TIER_CHANGED: Governed.TIER_CHANGED,
    Audited.BASE_MODEL_ADOPTED: Governed.BASE_MODEL_ADOPTED,
}
