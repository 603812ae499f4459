"""How long steps wait and how long they took, aggregated in the database; reads only.

A step is asked when its stage opens: with the round, or with the last signature of the stages before.
Time is counted on weekdays, whole days of 24 hours in the server's zone; holidays count as weekdays.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.models import User
from governance.approvals.models import Request
from governance.approvals.transitions import State
from raci import queries as raci

# So many rows of each table; what has most is shown.
MOST = 12

# By the clock on the wall, so that a day on which clocks are changed is a day.
WEEKDAYS = """extract(epoch FROM {until} AT TIME ZONE %(zone)s - {since} AT TIME ZONE %(zone)s) - (
    SELECT coalesce(sum(extract(epoch FROM
        least({until} AT TIME ZONE %(zone)s, day + interval '1 day')
        - greatest({since} AT TIME ZONE %(zone)s, day))), 0)
    FROM generate_series(date_trunc('day', {since} AT TIME ZONE %(zone)s),
        {until} AT TIME ZONE %(zone)s, interval '1 day') day
    WHERE extract(isodow FROM day) >= 6
)"""


def weekdays(since: str, until: str) -> str:
    """The seconds between two moments that are not of a weekend, as an expression."""
    return WEEKDAYS.format(since=since, until=until)


OPEN_STEPS = """
step AS (
    SELECT s.id, s.request_id, s.stage, s.name, s.activity, s.duty, r.scope, r.round_began_at,
        count(v.id) < s.quorum AS lacks
    FROM approvals_step s JOIN approvals_request r ON r.id = s.request_id
    LEFT JOIN approvals_vote v ON v.step_id = s.id AND v.decision = 'approve'
        AND v.evidence_digest = r.evidence_digest
    WHERE r.state = %(open)s GROUP BY s.id, r.id
),
stage AS (SELECT request_id, min(stage) AS stage FROM step WHERE lacks GROUP BY request_id),
open_step AS (
    SELECT step.*, greatest(step.round_began_at, (
        SELECT max(earlier.signed_at) FROM approvals_vote earlier
        JOIN approvals_step s ON s.id = earlier.step_id
        WHERE s.request_id = step.request_id AND s.stage < step.stage
        AND earlier.decision = 'approve'
    )) AS since
    FROM step JOIN stage USING (request_id, stage) WHERE step.lacks
),
letters (duty, letters) AS (SELECT * FROM unnest(%(duties)s::text[], %(letters)s::text[])),
open_role AS (
    SELECT DISTINCT open_step.id, open_step.request_id, open_step.since, role.title
    FROM open_step JOIN raci_matrix matrix ON matrix.scope = open_step.scope
    JOIN raci_activity activity ON activity.matrix_id = matrix.id AND activity.key = open_step.activity
    JOIN raci_cell cell ON cell.activity_id = activity.id
    JOIN letters ON letters.duty = open_step.duty AND letters.letters = cell.letters
    JOIN raci_role role ON role.id = cell.role_id
)"""

WAITING = """
WITH {open_steps},
waiting AS (
    SELECT 'step' AS kind, name AS key, request_id, since FROM open_step
    UNION ALL SELECT 'role', title, request_id, since FROM open_role
),
aged AS (
    SELECT kind, key, request_id, {age} AS seconds
    FROM waiting WHERE request_id IN ({visible})
)
SELECT kind, key, count(DISTINCT request_id), max(seconds),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
FROM aged GROUP BY kind, key ORDER BY 3 DESC, 4 DESC, key
"""

# The ranks between which a median lies with at least 95 %, rounded outwards; below 6 there are none.
TAKEN = """
WITH vote AS (
    SELECT v.user_id, s.name AS step, v.signed_at, greatest(
        coalesce(former.replaced_at, r.opened_at),
        (SELECT max(earlier.signed_at) FROM approvals_vote earlier
         JOIN approvals_step before ON before.id = earlier.step_id
         WHERE before.request_id = r.id AND before.stage < s.stage
         AND earlier.decision = 'approve' AND earlier.signed_at <= v.signed_at)
    ) AS asked_at
    FROM approvals_vote v JOIN approvals_step s ON s.id = v.step_id
    JOIN approvals_request r ON r.id = s.request_id
    LEFT JOIN approvals_formeraccount former
        ON former.request_id = r.id AND former.round = v.round - 1
    WHERE v.decision <> 'abstain' AND r.id IN ({visible})
),
timed AS (SELECT user_id, step, {time} AS seconds FROM vote),
counted AS (
    SELECT 'step' AS kind, step AS key, '' AS name, seconds FROM timed
    UNION ALL SELECT 'person', u.username,
        coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username), seconds
    FROM timed JOIN accounts_user u ON u.id = timed.user_id
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY kind, key ORDER BY seconds) AS rank,
        count(*) OVER (PARTITION BY kind, key) AS n
    FROM counted
)
SELECT kind, key, max(name), n, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
    CASE WHEN n >= 6 THEN
        min(seconds) FILTER (WHERE rank = greatest(1, floor((n - 1.96 * sqrt(n)) / 2))) END,
    CASE WHEN n >= 6 THEN
        min(seconds) FILTER (WHERE rank = least(n, ceil(1 + (n + 1.96 * sqrt(n)) / 2))) END
FROM ranked GROUP BY kind, key, n ORDER BY n DESC, key
"""


@dataclass(frozen=True)
class Wait:
    """Requests that wait now at one step or for one role: how many, since when the longest."""

    key: str
    count: int
    longest: timedelta
    median: timedelta


@dataclass(frozen=True)
class Taken:
    """How long signatures of one step or person took; the interval is of the median, if there is one."""

    key: str
    title: str
    n: int
    median: timedelta
    low: timedelta | None
    high: timedelta | None


@dataclass(frozen=True)
class Tables:
    """The same figures by step and by who is concerned, and how many rows each leaves out."""

    steps: list
    others: list

    @property
    def left_out(self) -> int:
        return max(0, len(self.steps) - MOST) + max(0, len(self.others) - MOST)


def waiting(user: User) -> Tables:
    """What waits now in requests the person may see, by step and by role; one query."""
    found: dict[str, list[Wait]] = {"step": [], "role": []}
    for kind, key, count, longest, median in _rows(WAITING, user):
        found[kind].append(Wait(key, count, _length(longest), _length(median)))
    return Tables(found["step"], found["role"])


def taken(user: User) -> Tables:
    """How long signatures took in requests the person may see, by step and by signer; one query."""
    found: dict[str, list[Taken]] = {"step": [], "person": []}
    for kind, key, name, n, median, low, high in _rows(TAKEN, user):
        lengths = (None if one is None else _length(one) for one in (low, high))
        found[kind].append(Taken(key, name or key, n, _length(median), *lengths))
    found["person"].sort(key=lambda one: one.key != user.username)
    return Tables(found["step"], found["person"])


def at_step(name: str) -> list[int]:
    """The open requests that wait at a step of this name."""
    return _keys(" SELECT DISTINCT request_id FROM open_step WHERE name = %(wanted)s", name)


def for_role(title: str) -> list[int]:
    """The open requests that wait for a role of this title."""
    return _keys(" SELECT DISTINCT request_id FROM open_role WHERE title = %(wanted)s", title)


def visible_keys(requests: QuerySet[Request]) -> tuple[str, dict[str, object]]:
    """The keys of the requests as a statement with named parameters."""
    try:
        statement, values = requests.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE FALSE", {}
    named = {f"seen{number}": value for number, value in enumerate(values)}
    return statement % tuple(f"%({name})s" for name in named), named


def _rows(statement: str, user: User) -> list[tuple]:
    visible, named = visible_keys(Request.objects.visible_to(user))
    parts = {
        "{visible}": visible,
        "{open_steps}": OPEN_STEPS,
        "{age}": weekdays("since", "now()"),
        "{time}": weekdays("asked_at", "signed_at"),
    }
    for place, part in parts.items():
        statement = statement.replace(place, part)
    with connection.cursor() as cursor:
        cursor.execute(statement, named | _facts())
        return cursor.fetchall()


def _keys(statement: str, wanted: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("WITH " + OPEN_STEPS + statement, _facts() | {"wanted": wanted})
        return [key for (key,) in cursor.fetchall()]


def letters_of_duties() -> dict[str, list[str]]:
    """Which letters of a matrix carry which duty, as the two columns that statements unnest."""
    pairs = [(duty, letters) for duty, found in raci.LETTERS_OF.items() for letters in found]
    return {
        "duties": [duty for duty, _ in pairs],
        "letters": [letters for _, letters in pairs],
    }


def _facts() -> dict[str, object]:
    zone = timezone.get_default_timezone_name()
    return {"open": State.OPEN, "zone": zone, **letters_of_duties()}


def _length(seconds: float) -> timedelta:
    return timedelta(seconds=max(0.0, float(seconds)))
