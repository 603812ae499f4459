"""Waiting for what other processes do, for as long as a slow and crowded machine may take."""

import time
from collections.abc import Callable

SECONDS = 60


def soon(question: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Asks until the answer is yes or the time is up, which costs time only where it is no."""
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
