"""What a process can still do after it gave its rights away, asked of a real one."""

import json
import socket
import subprocess
import sys

import pytest

from governance.infra import running
from governance.infra.sandbox import confinement
from tests.infra import models

PROBE = """
import json, sys
sys.path.insert(0, {sandbox!r})
import confinement
measures = confinement.confine([*confinement.libraries(), {folder!r}], seconds=20)
try:
    {act}
    came = "done"
except BaseException as error:
    came = type(error).__name__
print(json.dumps([measures, came]))
"""


def after_confinement(act, folder):
    """What became of one act, and the measures that were in force."""
    script = PROBE.format(sandbox=str(running.SANDBOX), folder=str(folder), act=act)
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        capture_output=True,
        env=running.ENVIRONMENT,
        timeout=30,
    )
    assert done.stdout, done.stderr.decode()
    measures, came = json.loads(done.stdout)
    return " ".join(measures), came


def is_promised(measure, folder):
    return measure in after_confinement("pass", folder)[0]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "own"
    place.mkdir()
    (place / "file").write_text("own")
    (tmp_path / "secret").write_text("of the worker")
    return place


def test_it_reads_its_own_folder_and_the_libraries(folder):
    assert after_confinement(f"open({str(folder / 'file')!r}).read()", folder)[1] == "done"
    assert after_confinement("import decimal, sqlite3", folder)[1] == "done"


def test_it_opens_no_socket(folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        act = f"__import__('socket').create_connection({address!r}, timeout=2)"

        measures, came = after_confinement(act, folder)

    assert came == "PermissionError"
    assert "network" in measures or "sockets" in measures


@pytest.mark.parametrize(
    "act",
    [
        "open({secret!r}).read()",
        "open('/etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "__import__('os').listdir({parent!r})",
        "open({own!r}, 'w').write('x')",
        "__import__('os').unlink({own!r})",
        "__import__('os').mkdir({own!r} + '2')",
    ],
)
def test_it_touches_nothing_outside_its_folder_and_writes_nowhere(act, folder):
    if not is_promised("Landlock", folder):
        pytest.skip("This kernel has no Landlock; the findings of a check say so.")
    filled = act.format(
        secret=str(folder.parent / "secret"),
        parent=str(folder.parent),
        own=str(folder / "file"),
    )

    assert after_confinement(filled, folder)[1] in ("PermissionError", "OSError")
    assert (folder / "file").read_text() == "own"


@pytest.mark.parametrize(
    "act",
    [
        "__import__('os').fork()",
        "__import__('os').execv('/bin/true', ['true'])",
        "__import__('subprocess').run(['/bin/true'])",
        "__import__('socket').socketpair()",
    ],
)
def test_it_starts_nothing(act, folder):
    if not is_promised("seccomp", folder):
        pytest.skip("This kernel has no filter for calls; the findings of a check say so.")

    assert after_confinement(act, folder)[1] == "PermissionError"


def test_it_may_have_threads(folder):
    act = "t = __import__('threading').Thread(target=print); t.start(); t.join()"
    script = f"{act}"
    measures, came = after_confinement(script.replace("target=print", "target=int"), folder)
    assert (came, bool(measures)) == ("done", True)


def test_processor_time_is_bounded(tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(running.SANDBOX)!r}); import confinement\n"
        "confinement.bound_resources(1)\nwhile True: pass"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], timeout=30)
    assert done.returncode < 0


def test_without_help_from_the_system_python_itself_opens_no_socket():
    script = (
        f"import sys; sys.path.insert(0, {str(running.SANDBOX)!r}); import confinement\n"
        "import _socket, socket\nprint(confinement.refuse_sockets())\n"
        "for made in (socket.socket, _socket.socket):\n"
        "    try: made()\n"
        "    except PermissionError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[1:] == ["refused", "refused"]
    assert "weak" in done.stdout


def test_the_child_sees_nothing_of_the_workers_environment(monkeypatch, folder):
    monkeypatch.setenv("SECRET_KEY", "of the worker")

    (folder / "model.onnx").write_bytes(models.identity())
    seen = []
    real = subprocess.Popen

    def watched(*arguments, **options):
        seen.append(options["env"])
        return real(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", watched)
    task = {"kind": "try", "folder": str(folder), "model": str(folder / "model.onnx")}

    told = running.run(task, seconds=20, megabytes=512)

    assert told.ended == "whole"
    assert all("SECRET_KEY" not in environment for environment in seen)


def test_the_filter_is_known_for_the_usual_machines():
    assert set(confinement.REFUSED_CALLS) == {"x86_64", "aarch64"}
    for _machine, refused, clone in confinement.REFUSED_CALLS.values():
        assert {"socket", "connect", "execve", "ptrace", "io_uring_setup"} <= set(refused)
        assert clone not in refused.values()
