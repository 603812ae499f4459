import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Requests that are there already are in their first round since they were opened.
FROM_THE_OPENING = """
ALTER TABLE approvals_request DISABLE TRIGGER USER;
UPDATE approvals_request SET round_began_at = opened_at;
ALTER TABLE approvals_request ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_capacities"),
        ("blessing", "0002_exceptions"),
        ("policies", "0002_review_and_inheritance"),
        ("registry", "0003_artifacts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=40)),
                ("author_name", models.CharField(max_length=200)),
                ("text", models.TextField(max_length=5000)),
                ("written_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=1000)),
                ("owner_name", models.CharField(max_length=200)),
                ("due_on", models.DateField()),
                ("report", models.TextField(blank=True, max_length=5000)),
                ("reported_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="FormerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField()),
                ("evidence", models.JSONField()),
                ("evidence_digest", models.CharField(max_length=71)),
                ("evidence_sentence", models.TextField()),
                ("changes", models.JSONField(default=list)),
                ("answer", models.TextField(max_length=5000)),
                ("replaced_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("replaced_by_name", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["request", "round"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="request",
            name="keep_decision",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="request",
            name="keep_values",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="one_open_request",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="request_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="vote",
            name="one_vote_a_person_and_step",
        ),
        migrations.RemoveConstraint(
            model_name="vote",
            name="vote_decision_known",
        ),
        migrations.AddField(
            model_name="request",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="request",
            name="round_began_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunSQL(FROM_THE_OPENING, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="vote",
            name="round",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="request",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("rework", "Waiting for changes"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                default="open",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="vote",
            name="decision",
            field=models.CharField(
                choices=[
                    ("approve", "Approve"),
                    ("changes", "Ask for changes"),
                    ("reject", "Reject"),
                    ("abstain", "Abstain, for a conflict of interest"),
                ],
                max_length=7,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="request",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_values",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."asked_for" IS DISTINCT FROM (NEW."asked_for") OR OLD."contributors_may_vote" IS DISTINCT FROM (NEW."contributors_may_vote") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."pointer" IS DISTINCT FROM (NEW."pointer") OR OLD."pointer_kind" IS DISTINCT FROM (NEW."pointer_kind") OR OLD."policy_version_id" IS DISTINCT FROM (NEW."policy_version_id") OR OLD."requester_id" IS DISTINCT FROM (NEW."requester_id") OR OLD."requester_capacity" IS DISTINCT FROM (NEW."requester_capacity") OR OLD."requester_may_vote" IS DISTINCT FROM (NEW."requester_may_vote") OR OLD."requester_name" IS DISTINCT FROM (NEW."requester_name") OR OLD."scope" IS DISTINCT FROM (NEW."scope") OR OLD."statement" IS DISTINCT FROM (NEW."statement") OR OLD."tier" IS DISTINCT FROM (NEW."tier") OR OLD."use_case_title" IS DISTINCT FROM (NEW."use_case_title") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id"))',
                    func="RAISE EXCEPTION '% keeps history: these never change: version, pointer_kind, pointer, policy_version, scope, use_case_title, tier, statement, requester, requester_name, requester_capacity, asked_for, requester_may_vote, contributors_may_vote, opened_at', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="53e28b4e770d99fb81d3f2aac769589b344b4f3e",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_values_c53cf",
                    table="approvals_request",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="request",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_decision",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"state\" IN ('open', 'rework')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="7b850b36defc44d6f9931d36a32cd6ddf86345f6",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_decision_62d07",
                    table="approvals_request",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="request",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_account",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."blessing_id" IS DISTINCT FROM (NEW."blessing_id") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."evidence_digest" IS DISTINCT FROM (NEW."evidence_digest") OR OLD."evidence_sentence" IS DISTINCT FROM (NEW."evidence_sentence") OR OLD."route" IS DISTINCT FROM (NEW."route") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at")) AND NEW."round" <= (OLD."round"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="da4a1a3ef49ed512eee479d716159f577c6dae4f",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_account_e25c6",
                    table="approvals_request",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("open", "rework"))),
                fields=("version", "policy_version", "pointer_kind", "pointer"),
                name="one_undecided_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["open", "rework", "approved", "rejected", "withdrawn", "expired"],
                    )
                ),
                name="request_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(
                fields=("step", "user", "round"), name="one_vote_a_person_step_and_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision__in", ["approve", "changes", "reject", "abstain"])
                ),
                name="vote_decision_known",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="reply_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replies",
                to="approvals.comment",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="approvals.request",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="approvals.request",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="vote",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="approvals.vote",
            ),
        ),
        migrations.AddField(
            model_name="formeraccount",
            name="blessing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="blessing.blessing",
            ),
        ),
        migrations.AddField(
            model_name="formeraccount",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="former_accounts",
                to="approvals.request",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="comment",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: rows are only added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="f8a55bdb0af090a870c572a955932595b3f89ac2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_rows_e564d",
                    table="approvals_comment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="comment",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="9e8ec110d9adf96eb449bd6f715438d60c7024c6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_eb7bc",
                    table="approvals_comment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: its rows are never removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="19f1134701b0bcfa431feb06000fad2c944c3248",
                    operation="DELETE",
                    pgid="pgtrigger_keep_rows_d331d",
                    table="approvals_finding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_values",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."owner_name" IS DISTINCT FROM (NEW."owner_name") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."vote_id" IS DISTINCT FROM (NEW."vote_id"))',
                    func="RAISE EXCEPTION '% keeps history: these never change: request, vote, text, owner, owner_name, due_on', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="38e2a71d6f9b4f160beda2becfc3459bd32601e4",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_values_cb6c4",
                    table="approvals_finding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="a2a99d319b60522f079503d2015aed273e925910",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_7bf01",
                    table="approvals_finding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_closed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."closed_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="250307b1f4c7eab798bbf98fffc82fe81e78437c",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_closed_ba567",
                    table="approvals_finding",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="formeraccount",
            constraint=models.UniqueConstraint(
                fields=("request", "round"), name="one_account_a_round"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="formeraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: rows are only added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="e67ddc9229f2f18dbbf48f3ca2ca439118f89067",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_rows_ecad5",
                    table="approvals_formeraccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="formeraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="96965e1947b9d804ec1a95dcfee84134b75c2b94",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_cb106",
                    table="approvals_formeraccount",
                    when="BEFORE",
                ),
            ),
        ),
    ]
