"""Keeps every matrix there is as its version 1."""

import hashlib
import json

from django.db import migrations


def keep_first_versions(apps, schema_editor):
    Matrix = apps.get_model("raci", "Matrix")
    MatrixVersion = apps.get_model("raci", "MatrixVersion")
    for matrix in Matrix.objects.filter(versions=None):
        snapshot = snapshot_of(matrix)
        text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        MatrixVersion.objects.create(
            matrix=matrix,
            number=1,
            snapshot=snapshot,
            digest=f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
            reason="As it stood when versions began to be kept",
        )


def snapshot_of(matrix):
    roles = list(matrix.roles.order_by("position"))
    return {
        "roles": [{"code": role.code, "title": role.title} for role in roles],
        "activities": [
            {
                "key": one.key,
                "stage": one.stage,
                "title": one.title,
                "segregated": one.segregated,
                "cells": cells_of(one, roles),
            }
            for one in matrix.activities.order_by("position")
        ],
    }


def cells_of(activity, roles):
    letters = {cell.role_id: cell.letters for cell in activity.cells.all()}
    return {role.code: letters[role.pk] for role in roles if role.pk in letters}


class Migration(migrations.Migration):
    dependencies = [("raci", "0002_matrix_versions")]

    operations = [migrations.RunPython(keep_first_versions, migrations.RunPython.noop)]
