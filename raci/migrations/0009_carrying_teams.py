"""Who carries each role, where people may hold one several times: in their own name and by teams."""

from importlib import import_module

from django.conf import settings
from django.db import migrations

# The view as it was; only how it reads what people hold is replaced.
BEFORE = import_module("raci.migrations.0005_carrying").VIEW
HELD = """
      AND (h.until IS NULL OR h.until > statement_timestamp())
)
SELECT h.id::text"""
# As in `HolderQuerySet.in_time`: once in their own name, else through the first of their teams.
HELD_ONCE = """
      AND (h.until IS NULL OR h.until > statement_timestamp())
      AND (h.team_id IS NULL OR NOT EXISTS (
          SELECT 1 FROM raci_holder o
          WHERE o.role_id = h.role_id AND o.user_id = h.user_id
            AND (o.team_id IS NULL OR o.id < h.id)
            AND (o.since IS NULL OR o.since <= statement_timestamp())
            AND (o.until IS NULL OR o.until > statement_timestamp())
      ))
)
SELECT h.id::text"""
AFTER = BEFORE.replace(HELD, HELD_ONCE)


def replace(view):
    def run(apps, schema_editor):
        app, model = settings.AUTH_USER_MODEL.split(".")
        users = schema_editor.quote_name(apps.get_model(app, model)._meta.db_table)
        schema_editor.execute("DROP VIEW raci_carrying")
        schema_editor.execute(view.format(users=users))

    return run


class Migration(migrations.Migration):
    dependencies = [("raci", "0008_teams")]

    operations = [migrations.RunPython(replace(AFTER), replace(BEFORE))]
