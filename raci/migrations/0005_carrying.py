"""The view that says who carries each role at this moment."""

from django.conf import settings
from django.db import migrations

# Who stands in is followed from deputy to deputy until one is there; UNION ends any circle.
# Who is away and has nobody there keeps what they carry while their account is active.
VIEW = """
CREATE VIEW raci_carrying AS
WITH RECURSIVE
in_force AS (
    SELECT person_id, deputy_id, matrix_id FROM raci_deputy
    WHERE (since IS NULL OR since <= statement_timestamp())
      AND (until IS NULL OR until > statement_timestamp())
),
absent AS (
    SELECT person_id FROM raci_absence
    WHERE since <= statement_timestamp() AND (until IS NULL OR until > statement_timestamp())
),
away AS (
    SELECT u.id FROM {users} u
    WHERE EXISTS (SELECT 1 FROM in_force d WHERE d.person_id = u.id)
      AND (NOT u.is_active OR EXISTS (SELECT 1 FROM absent a WHERE a.person_id = u.id))
),
followed (person_id, deputy_id, matrix_id) AS (
    SELECT d.person_id, d.deputy_id, d.matrix_id
    FROM in_force d JOIN away ON away.id = d.person_id
    UNION
    SELECT f.person_id, d.deputy_id, COALESCE(f.matrix_id, d.matrix_id)
    FROM followed f
    JOIN away ON away.id = f.deputy_id
    JOIN in_force d ON d.person_id = f.deputy_id
     AND (f.matrix_id IS NULL OR d.matrix_id IS NULL OR f.matrix_id = d.matrix_id)
),
standing_in AS (
    SELECT f.person_id, f.deputy_id, f.matrix_id
    FROM followed f JOIN {users} u ON u.id = f.deputy_id
    WHERE u.is_active AND NOT EXISTS (SELECT 1 FROM absent a WHERE a.person_id = u.id)
),
held AS NOT MATERIALIZED (
    SELECT h.id, h.role_id, h.user_id, r.matrix_id, u.is_active
    FROM raci_holder h JOIN raci_role r ON r.id = h.role_id JOIN {users} u ON u.id = h.user_id
    WHERE (h.since IS NULL OR h.since <= statement_timestamp())
      AND (h.until IS NULL OR h.until > statement_timestamp())
)
SELECT h.id::text AS id, h.role_id, h.user_id, NULL::bigint AS deputy_of_id
FROM held h
WHERE h.is_active AND NOT EXISTS (
    SELECT 1 FROM standing_in s
    WHERE s.person_id = h.user_id AND (s.matrix_id IS NULL OR s.matrix_id = h.matrix_id)
)
UNION ALL
SELECT DISTINCT h.id || '-' || s.deputy_id, h.role_id, s.deputy_id, h.user_id
FROM held h
JOIN standing_in s
  ON s.person_id = h.user_id AND (s.matrix_id IS NULL OR s.matrix_id = h.matrix_id)
"""


def create(apps, schema_editor):
    app, model = settings.AUTH_USER_MODEL.split(".")
    users = schema_editor.quote_name(apps.get_model(app, model)._meta.db_table)
    schema_editor.execute(VIEW.format(users=users))


def drop(apps, schema_editor):
    schema_editor.execute("DROP VIEW raci_carrying")


class Migration(migrations.Migration):
    dependencies = [("raci", "0004_holding")]

    operations = [migrations.RunPython(create, drop)]
