"""The embedded database under everything that may happen to the commands that use it."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from governance.runtime import database
from governance.runtime.database import PROJECT, CannotStart, EmbeddedDatabase
from tests.patience import soon

pytestmark = pytest.mark.processes

USER = """
from pathlib import Path
from governance.runtime.database import EmbeddedDatabase
with EmbeddedDatabase(Path({home!r}), durable={durable}).in_use() as url:
    print(url, flush=True)
    input()
"""


@pytest.fixture(scope="session")
def initialised(tmp_path_factory) -> Path:
    """A home whose database was made once, to be copied."""
    home = tmp_path_factory.mktemp("home")
    with EmbeddedDatabase(home, durable=False).in_use() as url:
        ask(url, "CREATE TABLE fact (n int); INSERT INTO fact VALUES (42)")
    return home


@pytest.fixture
def home(initialised, tmp_path) -> Path:
    return copied(initialised, tmp_path / "home")


def copied(initialised: Path, home: Path) -> Path:
    shutil.copytree(initialised, home)
    owner = (initialised / "postgresql").stat()
    if os.geteuid() == 0:
        for path in ((home / "postgresql"), *(home / "postgresql").rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
    return home


def ask(url: str, statement: str) -> list:
    with (
        closing(psycopg2.connect(url)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def user_of(home: Path, *wrapper: str, durable: bool = False) -> subprocess.Popen:
    """Starts another process that uses the database until its input ends."""
    return subprocess.Popen(
        [*wrapper, sys.executable, "-c", USER.format(home=str(home), durable=durable)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def until_gone(home: Path) -> bool:
    return soon(lambda: not EmbeddedDatabase(home).is_alive())


def postmaster(home: Path) -> int:
    return int((home / "postgresql" / "postmaster.pid").read_text().split()[0])


def test_server_is_gone_when_its_only_user_leaves(home):
    with EmbeddedDatabase(home, durable=False).in_use() as url:
        assert ask(url, "SELECT n FROM fact") == [(42,)]

    assert not EmbeddedDatabase(home).is_alive()


def test_server_stays_for_those_who_still_use_it(home):
    with EmbeddedDatabase(home, durable=False).in_use() as url:
        with user_of(home) as other:
            assert other.stdout.readline().strip() == url
            other.communicate("\n")

        assert ask(url, "SELECT n FROM fact") == [(42,)]


def test_starter_may_leave_before_the_others(home):
    with user_of(home) as starter:
        starter.stdout.readline()
        with EmbeddedDatabase(home, durable=False).in_use() as url:
            starter.communicate("\n")

            assert ask(url, "SELECT n FROM fact") == [(42,)]

    assert not EmbeddedDatabase(home).is_alive()


def test_killed_user_leaves_no_server_behind(home):
    with user_of(home) as user:
        user.stdout.readline()
        user.kill()

    assert until_gone(home)


def test_killed_user_takes_nothing_from_the_others(home):
    with user_of(home) as starter:
        starter.stdout.readline()
        with EmbeddedDatabase(home, durable=False).in_use() as url:
            starter.kill()
            starter.wait()

            assert ask(url, "SELECT n FROM fact") == [(42,)]


def test_database_starts_again_after_a_crash_and_has_lost_nothing(home):
    with user_of(home, durable=True) as user:
        ask(user.stdout.readline().strip(), "INSERT INTO fact VALUES (43)")
        os.kill(postmaster(home), signal.SIGKILL)
        user.kill()
    assert until_gone(home)

    with EmbeddedDatabase(home, durable=False).in_use() as url:
        assert ask(url, "SELECT max(n) FROM fact") == [(43,)]


def test_recycled_process_number_is_not_taken_for_the_server(home):
    stale = home / "postgresql" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home / 'postgresql'}\n1\n5432\n\n\n\nready\n")

    with EmbeddedDatabase(home, durable=False).in_use() as url:
        assert ask(url, "SELECT n FROM fact") == [(42,)]


def test_many_processes_may_start_at_the_same_moment(home):
    users = [user_of(home) for _ in range(4)]

    urls = {user.stdout.readline() for user in users}
    for user in users:
        user.communicate("\n")

    assert len(urls) == 1
    assert all(user.returncode == 0 for user in users)
    assert until_gone(home)


def test_path_too_long_for_a_socket_still_works(initialised, tmp_path):
    deep = tmp_path / ("folder" * 20)
    deep.mkdir()
    embedded = EmbeddedDatabase(copied(initialised, deep / "home"), durable=False)

    with embedded.in_use() as url:
        assert ask(url, "SELECT n FROM fact") == [(42,)]

    assert embedded.sockets != embedded.data
    embedded.sockets.rmdir()


def test_socket_is_closed_to_other_accounts(home):
    with EmbeddedDatabase(home, durable=False).in_use():
        folder, socket = home / "postgresql", home / "postgresql" / database.SOCKET_NAME

        assert folder.stat().st_mode & 0o077 == 0
        assert socket.stat().st_mode & 0o077 == 0


def test_half_made_data_folder_is_made_anew(tmp_path):
    (tmp_path / "postgresql.new").mkdir()
    (tmp_path / "postgresql.new" / "PG_VERSION").write_text("18")

    with EmbeddedDatabase(tmp_path, durable=False).in_use() as url:
        assert ask(url, "SELECT 1") == [(1,)]


def test_data_of_another_release_is_refused_with_a_sentence(home):
    (home / "postgresql" / "PG_VERSION").write_text("16\n")

    with pytest.raises(CannotStart, match="written by PostgreSQL 16"):
        EmbeddedDatabase(home).in_use().__enter__()


def test_broken_database_says_why_it_does_not_start(home):
    (home / "postgresql" / "postgresql.conf").write_text("nonsense = 1\n")

    with pytest.raises(CannotStart, match="unrecognized configuration parameter"):
        EmbeddedDatabase(home).in_use().__enter__()


def test_text_sorts_and_folds_the_same_on_every_machine(home):
    with EmbeddedDatabase(home, durable=False).in_use() as url:
        assert ask(url, "SELECT lower('ÄÖ'), 'Z' < 'a'") == [("äö", True)]


@pytest.mark.skipif(os.geteuid() != 0, reason="the suite already runs as an ordinary user")
def test_ordinary_user_needs_no_other_account(tmp_path_factory):
    capability = "+dac_override"  # the interpreter may lie in root's own folders
    wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    wrapper += [f"--inh-caps={capability}", f"--ambient-caps={capability}"]
    if subprocess.run([*wrapper, "true"], capture_output=True).returncode:
        pytest.skip("setpriv cannot change the account here")
    home = tmp_path_factory.mktemp("ordinary")
    os.chown(home, 65534, 65534)

    with user_of(home, *wrapper) as user:
        assert user.stdout.readline().startswith("postgresql://")
        user.communicate("\n")

    assert (home / "postgresql.lock").stat().st_uid == 65534
    assert until_gone(home)


@pytest.mark.parametrize(
    ("debug", "url"), [("true", "postgresql://elsewhere/db"), ("", ""), ("false", "")]
)
def test_nothing_is_embedded_outside_development_or_beside_another(monkeypatch, debug, url):
    monkeypatch.setenv("DEBUG", debug)
    monkeypatch.setenv("DATABASE_URL", url)

    with database.available():
        assert os.environ["DATABASE_URL"] == url


def test_command_says_in_one_sentence_why_the_database_does_not_start(home):
    (home / "postgresql" / "PG_VERSION").write_text("16\n")
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}

    answer = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={**environment, "DEBUG": "true", "IMPRIMATUR_HOME": str(home)},
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("The embedded database does not start.")
