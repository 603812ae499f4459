"""Who made versions, as the registry and the trail have it; judges nothing, changes nothing.

What a pipeline claims by a tag names a person only where it is exactly a user name or an e-mail address.
A tag taken away or replaced stays in the trail, and so does the claim: claims keep people from signing,
they never let anybody sign.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from governance.separation.rules import Contribution

# Tags by which pipelines say who did something, and what it was.
CLAIMS = {
    "mlflow.user": "trained it",
    "trained_by": "trained it",
    "git.author": "committed its code",
    "git.committer": "committed its code",
    "committed_by": "committed its code",
}
# A copy within the registry (`models:/<name>/<number>`) is the version it was copied from.
MAKERS = r"""
WITH RECURSIVE line (version, made) AS (
    SELECT id, id FROM registry_modelversion WHERE id = ANY(%(versions)s)
    UNION
    SELECT line.version, copy.parent_id
    FROM line JOIN registry_modelversion copy ON copy.id = line.made
    WHERE copy.parent_id IS NOT NULL AND copy.source ~ '^models:/[^/@]+/[0-9]+$'
),
told (version, made, key, value) AS (
    SELECT line.version, line.made, e.data->>'key', e.data->>'value'
    FROM line JOIN audit_entry e ON e.subject_type = 'registry.modelversion'
     AND e.subject_id = line.made::text AND e.event = 'registry.tag.set' AND NOT e.refused
    UNION
    SELECT line.version, line.made, tag.key, tag.value
    FROM line JOIN audit_entry e ON e.subject_type = 'registry.modelversion'
     AND e.subject_id = line.made::text AND e.event = 'registry.version.created' AND NOT e.refused
    CROSS JOIN LATERAL jsonb_each_text(
        CASE jsonb_typeof(e.data->'tags') WHEN 'object' THEN e.data->'tags' ELSE '{}' END
    ) AS tag (key, value)
    UNION
    SELECT line.version, line.made, 'mlflow.user', a.facts->>'user'
    FROM line JOIN registry_artifact a ON a.version_id = line.made
    WHERE a.facts ? 'user'
)
SELECT line.version, line.version = line.made, v.created_by_id, ''
FROM line JOIN registry_modelversion v ON v.id = line.made
UNION ALL
SELECT DISTINCT told.version, told.version = told.made, u.id, told.key
FROM told JOIN accounts_user u ON told.key = ANY(%(claims)s)
 AND (u.username = told.value OR (u.email <> ''
      AND u.email IN (told.value, substring(told.value FROM '<([^<>]+)>\s*$'))))
ORDER BY 1, 2 DESC, 4, 3
"""


def makers_of(versions: Iterable[int | None]) -> dict[int, list[Contribution]]:
    """Who registered each version, or the one it is a copy of, and who is named as having made it.

    One query for any number of versions; None is of no version, as of what is about a use case.
    """
    wanted = sorted({one for one in versions if one is not None})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(MAKERS, {"versions": wanted, "claims": list(CLAIMS)})
        rows = cursor.fetchall()
    found: dict[int, list[Contribution]] = defaultdict(list)
    for version, is_itself, user_id, tag in rows:
        found[version].append(Contribution(user_id, _part(is_itself, tag)))
    return dict(found)


def _part(is_itself: bool, tag: str) -> str:
    if not tag:
        return (
            "registered the version" if is_itself else "registered the version it is a copy of"
        )
    return f"{CLAIMS[tag]}, as the tag {tag} says"
