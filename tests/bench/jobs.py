"""Jobs: how soon a queued one starts on the embedded broker, and what killed workers lose."""

import json
import os
import subprocess
import sys

from tests.bench.figures import Row, below

JOBS = int(os.environ.get("BENCH_JOBS", "1000"))


def rows() -> list[Row]:
    command = [sys.executable, "-m", "tests.bench._jobs", str(JOBS)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    under = f"of {JOBS:,} jobs, worker killed {found['kills']} times"
    return [
        below("start of a queued job, median", found["latency"]["median"], "s", 0.5),
        below("start of a queued job, 95th percentile", found["latency"]["p95"], "s", 0.5),
        below(f"lost {under}", found["lost"], "jobs", 0),
        below(f"done twice {under}", found["doubled"], "jobs", 0),
    ]
