"""A real worker for tests that kill it."""

import pytest

from tests.jobs import toys, worker_settings, workers


@pytest.fixture
def worker(transactional_db, tmp_path, settings):
    """A worker that listens on a message folder of its own; the test may kill and start it."""
    for name in ("HEARTBEAT_SECONDS", "LOST_AFTER_SECONDS", "RESEND_AFTER_SECONDS"):
        setattr(settings, f"JOBS_{name}", getattr(worker_settings, f"JOBS_{name}"))
    toys.make_table()
    real = workers.Worker(tmp_path / "worker")
    with workers.sending_to(real.home):
        try:
            yield real.start()
        finally:
            real.kill()
    toys.drop_table()
