import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisteredModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=256)),
                ("description", models.TextField(blank=True, max_length=5000)),
                ("last_number", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now_add=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "permissions": [
                    ("register_version", "Register versions, describe and tag them"),
                    ("move_alias", "Move aliases and stages"),
                    ("manage", "Rename and delete the model, delete versions"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("source", models.CharField(blank=True, max_length=2000)),
                ("digest", models.CharField(blank=True, max_length=71)),
                ("run_id", models.CharField(blank=True, max_length=250)),
                ("logged_model_id", models.CharField(blank=True, max_length=250)),
                ("run_link", models.CharField(blank=True, max_length=500)),
                ("description", models.TextField(blank=True, max_length=5000)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("None", "None"),
                            ("Staging", "Staging"),
                            ("Production", "Production"),
                            ("Archived", "Archived"),
                        ],
                        default="None",
                        max_length=10,
                    ),
                ),
                ("code_commit", models.CharField(blank=True, max_length=250)),
                ("training_data", models.CharField(blank=True, max_length=500)),
                ("training_data_digest", models.CharField(blank=True, max_length=71)),
                ("base_model", models.CharField(blank=True, max_length=500)),
                ("container_digest", models.CharField(blank=True, max_length=71)),
                ("environment_digest", models.CharField(blank=True, max_length=71)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now_add=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="registry.modelversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "ordering": ["model", "-number"],
            },
        ),
        migrations.CreateModel(
            name="ModelTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=250)),
                ("value", models.TextField(blank=True)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="AliasMove",
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
                ("actor_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("decision", models.JSONField()),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "from_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.modelversion",
                    ),
                ),
                (
                    "to_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.modelversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Alias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="registry.modelversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "aliases",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="VersionTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=250)),
                ("value", models.TextField(blank=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="registry.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
            },
        ),
        migrations.AddConstraint(
            model_name="registeredmodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)),
                fields=("name",),
                name="model_name_once_among_live",
            ),
        ),
        migrations.AddIndex(
            model_name="modelversion",
            index=models.Index(fields=["-created_at"], name="version_newest"),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                fields=("model", "number"), name="version_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["None", "Staging", "Production", "Archived"])
                ),
                name="version_stage_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: its rows are never removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="d2b0ff860ae60aa5e11e8f2019cc8685d04d2034",
                    operation="DELETE",
                    pgid="pgtrigger_keep_rows_4663b",
                    table="registry_modelversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_values",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."base_model" IS DISTINCT FROM (NEW."base_model") OR OLD."code_commit" IS DISTINCT FROM (NEW."code_commit") OR OLD."container_digest" IS DISTINCT FROM (NEW."container_digest") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."environment_digest" IS DISTINCT FROM (NEW."environment_digest") OR OLD."logged_model_id" IS DISTINCT FROM (NEW."logged_model_id") OR OLD."model_id" IS DISTINCT FROM (NEW."model_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."parameters" IS DISTINCT FROM (NEW."parameters") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id") OR OLD."run_id" IS DISTINCT FROM (NEW."run_id") OR OLD."run_link" IS DISTINCT FROM (NEW."run_link") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."training_data" IS DISTINCT FROM (NEW."training_data") OR OLD."training_data_digest" IS DISTINCT FROM (NEW."training_data_digest"))',
                    func="RAISE EXCEPTION '% keeps history: these never change: model, number, source, digest, run_id, logged_model_id, run_link, parent, code_commit, training_data, training_data_digest, base_model, container_digest, environment_digest, parameters, created_by, created_at', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="8a40119b0615f6c370dcccffba32d132b9729779",
                    operation="UPDATE",
                    pgid="pgtrigger_keep_values_edc67",
                    table="registry_modelversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="8ad4ac9122f952f755faa148719990ebf50740e0",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_a6ed2",
                    table="registry_modelversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="modeltag",
            constraint=models.UniqueConstraint(fields=("model", "key"), name="model_tag_once"),
        ),
        migrations.AddIndex(
            model_name="aliasmove",
            index=models.Index(fields=["model", "pointer", "-id"], name="move_pointer"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="aliasmove",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: rows are only added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="e7de5654dfa215daf37f02a9ce5a2738d0cce800",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_rows_25351",
                    table="registry_aliasmove",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="aliasmove",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_table",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% keeps history: the table is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
                    hash="f6915f41d2c35a9810d2084479caf42e18cf63d3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_keep_table_3f7d2",
                    table="registry_aliasmove",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(fields=("model", "name"), name="alias_once"),
        ),
        migrations.AddConstraint(
            model_name="versiontag",
            constraint=models.UniqueConstraint(
                fields=("version", "key"), name="version_tag_once"
            ),
        ),
    ]
