import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Clearances given before are asked about a month before they end, as by the policies without a word on it.
A_MONTH_BEFORE = """
ALTER TABLE release_clearance DISABLE TRIGGER USER;
UPDATE release_clearance SET ask_from = greatest(valid_from, valid_until - interval '30 days');
ALTER TABLE release_clearance ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0008_kinds"),
        ("blessing", "0002_exceptions"),
        ("policies", "0002_review_and_inheritance"),
        ("registry", "0003_artifacts"),
        ("release", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="clearance",
            name="keep_values",
        ),
        migrations.RemoveConstraint(
            model_name="clearance",
            name="clearance_state_known",
        ),
        migrations.AddField(
            model_name="clearance",
            name="ask_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(A_MONTH_BEFORE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="clearance",
            name="ask_from",
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name="clearance",
            name="called_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="clearance",
            name="state",
            field=models.CharField(
                choices=[
                    ("valid", "Valid"),
                    ("lapsed", "Lapsed"),
                    ("revoked", "Revoked"),
                    ("renewed", "Renewed"),
                ],
                default="valid",
                max_length=7,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clearance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_values",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ask_from" IS DISTINCT FROM (NEW."ask_from") OR OLD."blessing_id" IS DISTINCT FROM (NEW."blessing_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."pointer" IS DISTINCT FROM (NEW."pointer") OR OLD."pointer_kind" IS DISTINCT FROM (NEW."pointer_kind") OR OLD."policy_version_id" IS DISTINCT FROM (NEW."policy_version_id") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id") OR OLD."valid_from" IS DISTINCT FROM (NEW."valid_from") OR OLD."valid_until" IS DISTINCT FROM (NEW."valid_until") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id"))',
                    func="RAISE EXCEPTION '% keeps history: these never change: version, pointer_kind, pointer, request, blessing, policy_version, digest, valid_from, valid_until, ask_from', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="f50c55a3f1a8720f586cc7fe236e1c3cdaf3b7da",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_values_1cde8",
                    table="release_clearance",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["valid", "lapsed", "revoked", "renewed"])),
                name="clearance_state_known",
            ),
        ),
    ]
