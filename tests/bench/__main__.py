"""`make bench`: runs every topic, or those named, prints the table and writes bench.json."""

import importlib
import json
import os
import pkgutil
import platform
import sys
import traceback
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import tests.bench
from tests.bench.figures import ROUNDS, ROWS, Row

SHOWN = [
    "duckdb",
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "fairlearn",
    "django",
    "mlflow",
]


def main(wanted: list[str]) -> int:
    print(_machine(), flush=True)
    rows, broken = [], []
    for topic in _topics(wanted):
        print(f"\n{topic.__doc__.splitlines()[0]}", flush=True)
        try:
            found = topic.rows()
        except Exception:
            traceback.print_exc()
            broken.append(topic.__name__)
            continue
        rows += found
        print(_table(found), flush=True)
    Path("bench.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    missed = sum(not row.met for row in rows)
    print(f"\n{len(rows)} figures in bench.json, {missed} short of their goal.")
    if broken:
        print(f"Broken: {', '.join(broken)}")
    return 1 if broken else 0


def _topics(wanted: list[str]) -> list:
    names = [module.name for module in pkgutil.iter_modules(tests.bench.__path__)]
    chosen = [name for name in names if not name.startswith("_") and name in (wanted or names)]
    modules = [importlib.import_module(f"tests.bench.{name}") for name in chosen]
    return [module for module in modules if hasattr(module, "rows")]


def _table(rows: list[Row]) -> str:
    lines = [("", "ours", "peer", "unit", "ratio", "goal", "")]
    for row in rows:
        figures = (_short(row.ours), _short(row.peer), row.unit, _short(row.ratio))
        lines.append((row.name, *figures, row.goal, "met" if row.met else "NOT MET"))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in (1, 2, 4) else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _machine() -> str:
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    for package in SHOWN:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"{', '.join(versions)}; {ROWS:,} rows (BENCH_ROWS), {ROUNDS} rounds (BENCH_ROUNDS)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
