"""Loads both registries alike: models with ten versions each, an alias, and a tag a version."""

import subprocess
import sys
from contextlib import closing

import psycopg2

from governance.runtime.database import EmbeddedDatabase
from governance.runtime.processes import PROJECT

ALIAS = "canary"
VERSIONS_EACH = 10
OURS = """
INSERT INTO registry_registeredmodel (name, description, last_number, created_by_id, created_at, updated_at)
SELECT 'model-' || lpad(n::text, 6, '0'), 'One of many.', {each}, {user}, now(), now() - n * interval '1 second'
FROM generate_series(0, {models} - 1) n;
INSERT INTO registry_modelversion
    (model_id, number, source, digest, run_id, logged_model_id, run_link, description, stage, code_commit,
     training_data, training_data_digest, base_model, container_digest, environment_digest, parameters,
     created_by_id, created_at, updated_at)
SELECT m.id, n, 's3://bucket/' || m.name || '/' || n, '', md5(m.name || n), '', '', '', 'None', '', '', '', '', '',
       '', '{{}}', {user}, now(), now() - (m.id * {each} + n) * interval '1 millisecond'
FROM registry_registeredmodel m, generate_series(1, {each}) n WHERE m.name LIKE 'model-%';
INSERT INTO registry_versiontag (version_id, key, value) SELECT id, 'team', 'risk' FROM registry_modelversion;
INSERT INTO registry_alias (model_id, name, version_id)
SELECT model_id, '{alias}', id FROM registry_modelversion WHERE number = 1;
INSERT INTO guardian_userobjectpermission (permission_id, content_type_id, object_pk, user_id)
SELECT p.id, p.content_type_id, m.id::text, {user} FROM registry_registeredmodel m, auth_permission p
JOIN django_content_type c ON c.id = p.content_type_id
WHERE c.app_label = 'registry' AND c.model = 'registeredmodel'
AND p.codename IN ('view_registeredmodel', 'register_version', 'move_alias', 'manage')
ON CONFLICT DO NOTHING;
"""
THEIRS = """
INSERT INTO registered_models (workspace, name, creation_time, last_updated_time, description)
SELECT 'default', 'model-' || lpad(n::text, 6, '0'), 1700000000000, 1700000000000 - n, 'One of many.'
FROM generate_series(0, {models} - 1) n;
INSERT INTO model_versions
    (workspace, name, version, creation_time, last_updated_time, current_stage, source, run_id, status)
SELECT m.workspace, m.name, n, 1700000000000, 1700000000000 - n, 'None', 's3://bucket/' || m.name || '/' || n,
       md5(m.name || n), 'READY'
FROM registered_models m, generate_series(1, {each}) n;
INSERT INTO model_version_tags (workspace, name, version, key, value)
SELECT workspace, name, version, 'team', 'risk' FROM model_versions;
INSERT INTO registered_model_aliases (workspace, name, alias, version)
SELECT workspace, name, '{alias}', 1 FROM registered_models;
"""
MAKE_USER = """
from datetime import timedelta
from governance.accounts.models import User
from governance.accounts.services import create_token
from governance.runtime import story
story.seed()
user = User.objects.get(username="ada")
print(user.pk, create_token(user, actor=None, name="bench", scopes=["read", "register"], life=timedelta(days=1))[1])
"""


def name(number: int) -> str:
    return f"model-{number:06}"


def ours(environment: dict[str, str], models: int) -> str:
    """Migrates and fills our database; returns a token of the models' owner."""
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=PROJECT, env=environment, check=True)
    made = subprocess.run(
        [*manage, "shell", "-v0", "-c", MAKE_USER],
        cwd=PROJECT,
        env=environment | {"DEBUG": "true"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    user, token = made.stdout.split()[-2:]
    run(
        environment["DATABASE_URL"],
        OURS.format(models=models, each=VERSIONS_EACH, user=int(user), alias=ALIAS),
    )
    return token


def make_mlflow_database(database: EmbeddedDatabase) -> str:
    run(database.url, "CREATE DATABASE mlflow")
    return database.url.replace("/imprimatur?", "/mlflow?")


def sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg2://")


def theirs(url: str, models: int) -> None:
    """Fills the database that `mlflow server` has migrated."""
    run(url, THEIRS.format(models=models, each=VERSIONS_EACH, alias=ALIAS))


def run(url: str, statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements.split(";"):
                if statement.strip():
                    cursor.execute(statement)
            if "INSERT" in statements:
                cursor.execute("VACUUM ANALYZE")
