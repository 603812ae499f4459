"""What an artifact says it was made to run with, beside what it was tried with: pure functions."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

LINE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*([<>=!~][^;#]*)?")
# Python does not run an ONNX model, and modelscan does not belong to it.
COMPARED = ("onnxruntime", "numpy")


def declared(texts: Iterable[str], environments: Iterable[Any]) -> dict[str, str]:
    """Package to version specifier, from lines of pip and from files of conda; the first word wins."""
    found: dict[str, str] = {}
    for line in [*_lines(texts), *_dependencies(environments)]:
        match = LINE.match(line)
        if match and not line.lstrip().startswith(("-", "#")):
            name = match[1].lower().replace("_", "-")
            found.setdefault(name, (match[2] or "").strip().rstrip("\\").strip())
    return found


def differing(
    wanted: Mapping[str, str], ran_with: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Which of the packages that matter were compared, and the sentence parts about those that differ."""
    compared, differ = [], []
    for name in COMPARED:
        if name not in wanted or name not in ran_with:
            continue
        compared.append(f"{name} {ran_with[name]}")
        if not _holds(wanted[name], ran_with[name]):
            differ.append(f"{name}{wanted[name]} is declared, {ran_with[name]} was used")
    return compared, differ


def _holds(specifier: str, version: str) -> bool:
    # conda writes one sign of equality where pip writes two
    pip = re.sub(r"(?<![<>=!~])=(?!=)", "==", specifier)
    try:
        return SpecifierSet(pip).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False


def _lines(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in text.splitlines()[:5000]]


def _dependencies(environments: Iterable[Any]) -> list[str]:
    lines: list[str] = []
    for one in environments:
        listed = one.get("dependencies") if isinstance(one, Mapping) else None
        for item in listed if isinstance(listed, list) else []:
            if isinstance(item, str):
                lines.append(item)
            elif isinstance(item, Mapping) and isinstance(item.get("pip"), list):
                lines += [str(line) for line in item["pip"]]
    return lines
