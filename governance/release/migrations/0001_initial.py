import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("approvals", "0001_initial"),
        ("blessing", "0001_initial"),
        ("policies", "0001_initial"),
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pointer_kind",
                    models.CharField(
                        choices=[("alias", "alias"), ("stage", "stage")], max_length=5
                    ),
                ),
                ("pointer", models.CharField(max_length=255)),
                ("digest", models.CharField(blank=True, max_length=71)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("valid", "Valid"),
                            ("lapsed", "Lapsed"),
                            ("revoked", "Revoked"),
                        ],
                        default="valid",
                        max_length=7,
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=5000)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by_name", models.CharField(blank=True, max_length=200)),
                (
                    "blessing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="blessing.blessing",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="policies.policyversion",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearance",
                        to="approvals.request",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="registry.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["version", "pointer_kind", "pointer", "-id"],
                        name="clearance_pointer",
                    ),
                    models.Index(
                        condition=models.Q(("state", "valid")),
                        fields=["valid_until"],
                        name="clearance_ends",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["valid", "lapsed", "revoked"])),
                        name="clearance_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_from__lt", models.F("valid_until"))),
                        name="clearance_ends_after_it_begins",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clearance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: its rows are never removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="1a9c2f47418256a3e8a074001655904a477fecdd",
                    operation="DELETE",
                    pgid="pgtrigger_keep_rows_a61c6",
                    table="release_clearance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clearance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_values",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."blessing_id" IS DISTINCT FROM (NEW."blessing_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."pointer" IS DISTINCT FROM (NEW."pointer") OR OLD."pointer_kind" IS DISTINCT FROM (NEW."pointer_kind") OR OLD."policy_version_id" IS DISTINCT FROM (NEW."policy_version_id") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id") OR OLD."valid_from" IS DISTINCT FROM (NEW."valid_from") OR OLD."valid_until" IS DISTINCT FROM (NEW."valid_until") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id"))',
                    func="RAISE EXCEPTION '% keeps history: these never change: version, pointer_kind, pointer, request, blessing, policy_version, digest, valid_from, valid_until', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="626bc843a814c8b14adb6faef8d2171006190347",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_values_1cde8",
                    table="release_clearance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clearance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="b0714a58f1c889940351fa177c7b49d5e201907b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_7418a",
                    table="release_clearance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clearance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_end",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"state\" = 'valid'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="cffc212dbe687437b4046902cf38b0ab50252ad9",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_end_d51b1",
                    table="release_clearance",
                    when="BEFORE",
                ),
            ),
        ),
    ]
