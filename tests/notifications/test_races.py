"""Two workers at the same moment, on two connections: each mail leaves once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from governance.notifications import services
from governance.notifications.models import MailState, Notification
from tests.accounts.factories import person
from tests.notifications.factories import choose, later, tell
from tests.notifications.mail_server import mail_server, use

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 3


@pytest.fixture
def there(settings):
    with mail_server() as server:
        use(settings, server.port)
        yield server


def together(act):
    """Runs the act in workers that start at the same moment; returns what each gave."""
    barrier = Barrier(WORKERS)

    def run(_):
        try:
            barrier.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def test_each_mail_leaves_once_whoever_takes_it(there):
    ada = person("ada")
    for number in range(40):
        tell(ada, title=f"Approved: v{number}")

    assert sum(together(services.send_waiting)) == 40

    subjects = [one["Subject"] for one in there.received]
    assert sorted(subjects) == sorted(f"Approved: v{number}" for number in range(40))
    assert set(Notification.objects.values_list("attempts", flat=True)) == {1}


def test_a_digest_leaves_once_and_whole(there):
    for name in ("ada", "bo"):
        user = choose(name, deliveries={"told": "digest"})
        for number in range(20):
            tell(user, title=f"Approved: v{number}")
    services.send_waiting()
    later(days=1)

    assert sum(together(services.send_digests)) == 2

    assert len(there.received) == 2
    for letter in there.received:
        assert letter["Subject"] == "Imprimatur: 20 told how it went on"
    assert set(Notification.objects.values_list("mail_state", flat=True)) == {MailState.SENT}
