"""The server's settings with a shorter patience, for workers that tests kill."""

from governance.settings import *  # noqa: F403

JOBS_HEARTBEAT_SECONDS = 0.5
JOBS_LOST_AFTER_SECONDS = 3
JOBS_RESEND_AFTER_SECONDS = 2
