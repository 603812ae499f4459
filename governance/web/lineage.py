"""Where the boxes and lines of a lineage stand on the page; which there are is governance.dashboards."""

from collections import defaultdict
from dataclasses import dataclass

from governance.dashboards.lineage import Lineage, Node

WIDTH, HEIGHT = 200, 54
BETWEEN_COLUMNS, BETWEEN_ROWS, MARGIN = 110, 18, 8
LONGEST_WORDS = 25


@dataclass(frozen=True)
class Box:
    node: Node
    x: int
    y: int

    @property
    def title(self) -> str:
        return _cut(self.node.title)

    @property
    def detail(self) -> str:
        return _cut(self.node.detail)

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def kind_y(self) -> int:
        return self.y + 16

    @property
    def title_y(self) -> int:
        return self.y + 32

    @property
    def detail_y(self) -> int:
        return self.y + 47

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2


@dataclass(frozen=True)
class Line:
    """A curve from the right of one box to the left of another, with its verb."""

    path: str
    words: str
    x: int
    y: int
    at_end: bool


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    box_width: int = WIDTH
    box_height: int = HEIGHT


def drawn(lineage: Lineage) -> Drawing:
    """Columns by rank, from what came before on the left to what came after on the right."""
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in lineage.nodes:
        columns[node.rank].append(node)
    first, last = min(columns), max(columns)
    tallest = max(map(len, columns.values()))
    height = tallest * (HEIGHT + BETWEEN_ROWS) - BETWEEN_ROWS + 2 * MARGIN
    boxes = {
        node.key: Box(node, MARGIN + (rank - first) * (WIDTH + BETWEEN_COLUMNS), y)
        for rank, nodes in columns.items()
        for node, y in zip(nodes, _rows(len(nodes), height), strict=True)
    }
    width = 2 * MARGIN + (last - first) * (WIDTH + BETWEEN_COLUMNS) + WIDTH
    lines = [_line(boxes[one.source], boxes[one.target], one.words) for one in lineage.edges]
    return Drawing(width, height, list(boxes.values()), lines)


def _rows(count: int, height: int) -> list[int]:
    """The upper edges of the boxes of a column, which stands in the middle of the height."""
    used = count * (HEIGHT + BETWEEN_ROWS) - BETWEEN_ROWS
    top = (height - used) // 2
    return [top + row * (HEIGHT + BETWEEN_ROWS) for row in range(count)]


def _line(source: Box, target: Box, words: str) -> Line:
    """The verb stands at the end that the other lines do not share."""
    x1, y1, x2, y2 = source.x + WIDTH, source.middle, target.x, target.middle
    bend = (x1 + x2) // 2
    path = f"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}"
    at_source = target.node.rank <= 0
    x = x1 + 6 if at_source else x2 - 6
    return Line(path, words, x, (y1 if at_source else y2) - 5, not at_source)


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"
