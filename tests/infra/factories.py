"""Checks for tests: a version that knows its artifact's digest, and its trial."""

import hashlib
import io
import pickle
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from governance.infra import services
from governance.infra.models import InfraCheck
from governance.jobs import runner
from registry.artifacts import manifest_digest
from tests.infra import models
from tests.registry.factories import version as registered_version


def digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def folder_digest(files):
    return manifest_digest(
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    )


def archive(files, **options):
    """A folder as .zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for path, content in files.items():
            opened.writestr(path, content)
    return SimpleUploadedFile("model.zip", packed.getvalue())


def upload(content, name="model.onnx"):
    return SimpleUploadedFile(name, content)


def table(columns, name="rows.csv"):
    """CSV of columns by name."""
    names = list(columns)
    lines = [",".join(names)]
    lines += [
        ",".join(str(value) for value in row) for row in zip(*columns.values(), strict=True)
    ]
    return SimpleUploadedFile(name, ("\n".join(lines) + "\n").encode())


def requested(content=None, *, name="model.onnx", version=None, **asked) -> InfraCheck:
    """A check that was asked for: of one file, or of a folder of files by path."""
    content = models.logistic() if content is None else content
    is_folder = isinstance(content, dict)
    known = folder_digest(content) if is_folder else digest(content)
    version = version or registered_version(digest=known)
    sent = {"artifact": archive(content) if is_folder else upload(content, name)} | asked
    return services.request_check(version, actor=version.created_by, **sent)


def checked(content=None, **asked) -> InfraCheck:
    """A check whose job has run."""
    check = requested(content, **asked)
    runner.run(str(check.job_id))
    check.refresh_from_db()
    return check


def findings(check):
    return {one.key: one for one in check.findings.all()}


def outcomes(check):
    return {key: one.outcome for key, one in findings(check).items()}


class Mark:
    """Unpickled, it writes a file; scanned, it does not."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        import os

        return os.system, (f"touch {self.path}",)


def harmful_pickle(path):
    return pickle.dumps(Mark(path))
