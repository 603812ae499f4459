"""What every topic uses: the row of the table, and running a contender in a process of its own."""

import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


@dataclass(frozen=True)
class Row:
    """One figure: ours against a peer's, their ratio, the goal in words and whether it is met."""

    name: str
    ours: float
    peer: float | None
    unit: str
    ratio: float | None
    goal: str
    met: bool


@dataclass(frozen=True)
class Usage:
    """What a process used up."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


def at_most(name: str, ours: float, peer: float, unit: str, times: float) -> Row:
    """Ours may be so many times the peer's."""
    ratio = ours / peer
    return Row(name, ours, peer, unit, ratio, f"at most {times:g} × peer", ratio <= times)


def times_less(name: str, ours: float, peer: float, unit: str, times: float) -> Row:
    """The peer's must be so many times ours."""
    ratio = peer / ours
    return Row(name, ours, peer, unit, ratio, f"peer at least {times:g} × ours", ratio >= times)


def below(name: str, ours: float, unit: str, bound: float) -> Row:
    return Row(name, ours, None, unit, None, f"at most {bound:g}", ours <= bound)


def run(module: str, *arguments: str) -> Usage:
    """Runs `python -m module` to its end; a failure of a contender ends the topic."""
    started = time.monotonic()
    command = [sys.executable, "-m", module, *arguments]
    pid = os.posix_spawn(sys.executable, command, {**os.environ, "PYTHONWARNINGS": "ignore"})
    _, status, used = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(command[2:])} ended with {status}")
    return Usage(
        used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss / 1024
    )


def interleaved(
    contenders: Mapping[str, Sequence[str]], *, once: Sequence[str] = ()
) -> dict[str, Usage]:
    """Runs all in turn, round after round, and returns each one's medians; `once` names slow ones."""
    used: dict[str, list[Usage]] = {name: [] for name in contenders}
    for number in range(ROUNDS):
        for name, command in contenders.items():
            if number and name in once:
                continue
            used[name].append(run(*command))
    return {name: _median(usages) for name, usages in used.items()}


def _median(usages: Sequence[Usage]) -> Usage:
    return Usage(
        *(
            statistics.median(getattr(usage, field) for usage in usages)
            for field in ("cpu_seconds", "wall_seconds", "peak_megabytes")
        )
    )
