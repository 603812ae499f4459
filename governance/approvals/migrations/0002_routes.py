import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Steps of open requests stay as they were asked for: one after the other.
IN_ORDER = """
ALTER TABLE approvals_step DISABLE TRIGGER USER;
UPDATE approvals_step SET stage = position;
ALTER TABLE approvals_step ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="request",
            name="keep_values",
        ),
        migrations.AddField(
            model_name="request",
            name="route",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="step",
            name="stage",
            field=models.PositiveSmallIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.RunSQL(IN_ORDER, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="step",
            name="veto",
            field=models.BooleanField(default=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="request",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_values",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."blessing_id" IS DISTINCT FROM (NEW."blessing_id") OR OLD."contributors_may_vote" IS DISTINCT FROM (NEW."contributors_may_vote") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."evidence_digest" IS DISTINCT FROM (NEW."evidence_digest") OR OLD."evidence_sentence" IS DISTINCT FROM (NEW."evidence_sentence") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."pointer" IS DISTINCT FROM (NEW."pointer") OR OLD."pointer_kind" IS DISTINCT FROM (NEW."pointer_kind") OR OLD."policy_version_id" IS DISTINCT FROM (NEW."policy_version_id") OR OLD."requester_id" IS DISTINCT FROM (NEW."requester_id") OR OLD."requester_may_vote" IS DISTINCT FROM (NEW."requester_may_vote") OR OLD."requester_name" IS DISTINCT FROM (NEW."requester_name") OR OLD."route" IS DISTINCT FROM (NEW."route") OR OLD."scope" IS DISTINCT FROM (NEW."scope") OR OLD."statement" IS DISTINCT FROM (NEW."statement") OR OLD."tier" IS DISTINCT FROM (NEW."tier") OR OLD."use_case_title" IS DISTINCT FROM (NEW."use_case_title") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id"))',
                    func="RAISE EXCEPTION '% keeps history: these never change: version, pointer_kind, pointer, policy_version, blessing, scope, use_case_title, tier, statement, evidence, evidence_digest, evidence_sentence, requester, requester_name, requester_may_vote, contributors_may_vote, route, opened_at, due_at', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="7a7c5bffebce41104787940ce8393033c9b6fbc4",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_values_c53cf",
                    table="approvals_request",
                    when="BEFORE",
                ),
            ),
        ),
    ]
