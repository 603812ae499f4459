"""Reads YAML within bounds and remembers where each key stands; knows nothing of policies."""

from dataclasses import dataclass

import yaml

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_NODES = 4000

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a text: a sentence and, where known, the line and column from 1."""

    sentence: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return (
            f"Line {self.line}, column {self.column}: {self.sentence}"
            if self.line
            else self.sentence
        )


class Unreadable(ValueError):
    """The text is not YAML of the plain kind accepted here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """The plain data of a text, with the place of every key and item."""

    data: object
    places: dict[Path, tuple[int, int]]

    def place(self, path: Path) -> tuple[int, int]:
        """Returns line and column of the path, or of the closest part of it that stands there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read(text: str) -> Source:
    """Reads one document; refuses anchors, tags, duplicate keys, and what is large or deep."""
    try:
        if len(text.encode()) > MAX_BYTES:
            raise Unreadable(Problem(f"A policy has at most {MAX_BYTES // 1024} kB of text."))
        _check_events(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise Unreadable(Problem("The text is empty.", 1, 1))
        places: dict[Path, tuple[int, int]] = {}
        _remember(node, (), places)
        return Source(yaml.safe_load(text), places)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(
            _problem_at(error.problem_mark, f"This is not YAML: {error.problem}.")
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(Problem(f"This is not YAML: {' '.join(str(error).split())}")) from None


def _check_events(text: str) -> None:
    """Walks the text without building anything, so that a bomb is refused before it can grow."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(
                _problem_at(event.start_mark, "Anchors and aliases are not accepted.")
            )
        if getattr(event, "tag", None):
            raise Unreadable(
                _problem_at(event.start_mark, "Tags such as !!str are not accepted.")
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise Unreadable(
                _problem_at(event.start_mark, f"Lists lie more than {MAX_DEPTH} deep.")
            )
        if nodes > MAX_NODES:
            raise Unreadable(
                _problem_at(event.start_mark, f"The text has over {MAX_NODES} values.")
            )


def _remember(node: yaml.Node, path: Path, places: dict[Path, tuple[int, int]]) -> None:
    places.setdefault(path, _content(node))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _remember(item, (*path, number), places)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in places:
                raise Unreadable(
                    _problem_at(key.start_mark, f"“{key.value}” stands here twice.")
                )
            places[inner] = _position(key.start_mark)
            _remember(value, inner, places)


def _content(node: yaml.Node) -> tuple[int, int]:
    """Returns where the node's own text begins, after its quote if it has one."""
    line, column = _position(node.start_mark)
    quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
    return line, column + quoted


def _position(mark: yaml.Mark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _problem_at(mark: yaml.Mark | None, sentence: str) -> Problem:
    return Problem(sentence, *(_position(mark) if mark else (0, 0)))
