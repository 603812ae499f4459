"""Back-tests: a policy of eight rules over past evaluations, as one job on one core."""

import json
import os
import subprocess
import sys

from tests.bench.figures import Row, below

EVALUATIONS = int(os.environ.get("BENCH_EVALUATIONS", "10000"))


def rows() -> list[Row]:
    command = [sys.executable, "-m", "tests.bench._back_tests", str(EVALUATIONS)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    of = f"of {EVALUATIONS:,} evaluations with {found['measurements']:,} figures"
    return [
        below(f"back-test {of}", found["seconds"], "s", 60),
        below("the same, CPU of the worker", found["cpu_seconds"], "s", 60),
        below(
            f"memory it takes more than one of {found['fewer']:,}",
            found["more_megabytes"],
            "MB",
            50,
        ),
    ]
