"""Which open steps may wait for a person or for those they work with, in one statement; reads only.

The database narrows, orders, counts and pages, so that a page costs the same with ten requests and with
ten thousand. What is left to the rules of `queries` are parts in the evidence that only they know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models

from governance.accounts.models import User
from governance.approvals.models import Request
from governance.approvals.transitions import State
from governance.approvals.waits import letters_of_duties, visible_keys

PAGE = 25
# Who answers for the use case looks after everything that waits in it.
OWNING = ("define_use_case", "A")


class Show(models.TextChoices):
    """Whose steps, as a reader chooses."""

    MINE = "mine", "Mine"
    TEAM = "team", "My team’s"
    OVERDUE = "overdue", "Overdue"


@dataclass(frozen=True)
class Candidates:
    """One page of steps by their keys, the most urgent first, and how many there are of each kind."""

    steps: Sequence[int]
    counts: dict[str, int]


STEPS = r"""
WITH letters (duty, letters) AS (SELECT * FROM unnest(%(duties)s::text[], %(letters)s::text[])),
people (id) AS (
    SELECT other.user_id
    FROM raci_team_members me JOIN raci_team_members other ON other.team_id = me.team_id
    WHERE me.user_id = %(me)s AND other.user_id <> %(me)s
    UNION
    SELECT person_id FROM raci_deputy
    WHERE deputy_id = %(me)s AND (since IS NULL OR since <= now()) AND (until IS NULL OR until > now())
),
carried AS MATERIALIZED (
    SELECT DISTINCT matrix.scope, activity.key, letters.duty, carrying.user_id = %(me)s AS mine
    FROM raci_carrying carrying
    JOIN raci_role role ON role.id = carrying.role_id
    JOIN raci_matrix matrix ON matrix.id = role.matrix_id
    JOIN raci_cell cell ON cell.role_id = role.id
    JOIN raci_activity activity ON activity.id = cell.activity_id
    JOIN letters ON letters.letters = cell.letters
    WHERE carrying.user_id = %(me)s OR carrying.user_id IN (SELECT id FROM people)
),
step AS MATERIALIZED (
    SELECT s.id, s.request_id, s.stage, s.position, s.activity, s.duty, s.due_at, s.quorum > (
        SELECT count(*) FROM approvals_vote v WHERE v.step_id = s.id
        AND v.decision = 'approve' AND v.evidence_digest = r.evidence_digest
    ) AS lacks
    FROM approvals_step s JOIN approvals_request r ON r.id = s.request_id
    WHERE r.state = %(open)s AND r.scope IN (SELECT scope FROM carried)
),
stage AS (SELECT request_id, min(stage) AS stage FROM step WHERE lacks GROUP BY request_id),
decided AS (
    SELECT s.request_id FROM approvals_vote v
    JOIN approvals_step s ON s.id = v.step_id JOIN approvals_request r ON r.id = s.request_id
    WHERE r.state = %(open)s AND %(me)s IN (v.user_id, v.stands_for_id)
    AND (v.round = r.round OR v.decision = 'abstain'
         OR v.decision = 'approve' AND v.evidence_digest = r.evidence_digest)
),
waiting AS MATERIALIZED (
    SELECT step.id, step.request_id, step.position, step.stage = stage.stage AS is_now,
        coalesce(step.due_at + (r.round_began_at - r.opened_at), r.due_at) AS due,
        (r.scope, step.activity, step.duty) IN (SELECT scope, key, duty FROM carried WHERE mine)
        AND (r.requester_may_vote OR r.requester_id <> %(me)s AND NOT r.asked_for @> %(asked)s)
        AND (r.contributors_may_vote OR version.created_by_id IS DISTINCT FROM %(me)s
             AND evaluation.created_by_id IS DISTINCT FROM %(me)s)
        AND r.id NOT IN (SELECT request_id FROM decided) AS is_mine,
        ((r.scope, step.activity, step.duty) IN (
            SELECT scope, key, duty FROM carried WHERE NOT mine
        ) OR r.scope IN (
            SELECT scope FROM carried WHERE mine AND key = %(owning)s AND duty = %(owner)s
        )) AND r.id IN ({visible}) AS is_team
    FROM step JOIN stage USING (request_id) JOIN approvals_request r ON r.id = step.request_id
    LEFT JOIN registry_modelversion version ON version.id = r.version_id
    LEFT JOIN blessing_blessing blessing ON blessing.id = r.blessing_id
    LEFT JOIN evaluation_evaluation evaluation ON evaluation.id = blessing.evaluation_id
    WHERE step.lacks
),
shown AS (
    SELECT id FROM waiting WHERE CASE %(show)s
        WHEN 'mine' THEN is_mine
        WHEN 'team' THEN is_team AND NOT is_mine AND is_now
        ELSE (is_mine OR is_team) AND is_now AND due <= now() END
    ORDER BY is_now DESC, due, request_id, position LIMIT %(most)s OFFSET %(first)s
)
SELECT count(*) FILTER (WHERE is_mine),
    count(*) FILTER (WHERE is_team AND NOT is_mine AND is_now),
    count(*) FILTER (WHERE (is_mine OR is_team) AND is_now AND due <= now()),
    (SELECT array_agg(id) FROM shown)
FROM waiting
"""


def candidates(
    user: User, show: str = Show.MINE, *, first: int = 0, alone: bool = False
) -> Candidates:
    """The steps from number `first` on that may be the person's, or of those they work with.

    These are: members of their teams, people whose deputy they are, and everybody in use cases that
    they are Accountable for. Requests the person may not see are left out of what is not theirs;
    `alone` leaves out all of that, and with it the question what they may see.
    """
    seen = Request.objects.none() if alone else Request.objects.visible_to(user)
    visible, named = visible_keys(seen)
    statement = STEPS.replace("{visible}", visible)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            named
            | letters_of_duties()
            | {
                "me": user.pk,
                "open": State.OPEN,
                "asked": f'[{{"user": {user.pk}}}]',
                "owning": OWNING[0],
                "owner": OWNING[1],
                "show": show,
                "most": PAGE,
                "first": first,
            },
        )
        mine, team, overdue, steps = cursor.fetchone()
    counts = {Show.MINE: mine, Show.TEAM: team, Show.OVERDUE: overdue}
    return Candidates(steps or [], counts)
