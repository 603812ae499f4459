"""The people's part: requests, their steps copied at opening, advice, and signed votes.

Metrics stay unknown here: a request carries frozen evidence, its digest and one sentence.
"""

from governance.approvals.models.comments import Comment
from governance.approvals.models.consultations import Consultation
from governance.approvals.models.findings import Finding
from governance.approvals.models.following_up import Escalation, Reminder
from governance.approvals.models.looks import Look
from governance.approvals.models.requests import FormerAccount, Request
from governance.approvals.models.signatures import Step, Vote

__all__ = [
    "Comment",
    "Consultation",
    "Escalation",
    "Finding",
    "FormerAccount",
    "Look",
    "Reminder",
    "Request",
    "Step",
    "Vote",
]
