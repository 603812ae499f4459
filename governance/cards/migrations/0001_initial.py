import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CardRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("overview", models.CharField(blank=True, max_length=200)),
                ("intended_use", models.TextField(blank=True, max_length=5000)),
                ("out_of_scope", models.TextField(blank=True, max_length=5000)),
                ("limitations", models.TextField(blank=True, max_length=5000)),
                (
                    "carried_over",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("author_name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.modelversion",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="card_revisions",
                        to="registry.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "number"), name="card_revision_once"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cardrevision",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: rows are only added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="a2488be530492da0cbf9a500d8d8bb2092f47c74",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_rows_61d8f",
                    table="cards_cardrevision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cardrevision",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="90d18316998566041afda73bcc3ba7da02162a41",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_fa510",
                    table="cards_cardrevision",
                    when="BEFORE",
                ),
            ),
        ),
    ]
