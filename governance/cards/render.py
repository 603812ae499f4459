"""A card as JSON, Markdown and safe HTML; decides nothing about its content."""

import re
from typing import TYPE_CHECKING, Any

import nh3
from markdown_it import MarkdownIt

from governance.cards.fields import Field, Table

if TYPE_CHECKING:
    from governance.cards.document import CardDocument

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|&])")
MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def json(document: "CardDocument") -> dict[str, Any]:
    """Every field by its key, with the digest that names exactly this content."""
    return {**content(document), "digest": document.digest}


def content(document: "CardDocument") -> dict[str, Any]:
    return {
        "model": document.version.model.name,
        "version": document.version.number,
        "revision": document.revision.number if document.revision else 0,
        "sections": {
            section.key: {
                "title": section.title,
                "fields": {field.key: _field_json(field) for field in section.fields},
            }
            for section in document.sections
        },
    }


def markdown(document: "CardDocument") -> str:
    """A page of Markdown; what people wrote is quoted, so that it cannot pose as a section."""
    lines = [f"# {_plain(document.title)}", "", _plain(document.sentence), ""]
    for section in document.sections:
        lines += [f"## {_plain(section.title)}", ""]
        for field in section.fields:
            if field.value or field.gate:
                lines += [f"### {_plain(field.title)}", "", *_field_lines(field), ""]
    lines += [f"Content {document.digest}", ""]
    return "\n".join(lines)


def html(document: "CardDocument") -> str:
    return safe_html(markdown(document))


def safe_html(text: str) -> str:
    """Markdown written by people as HTML that can do no harm: no raw HTML, images or scripts."""
    return nh3.clean(
        MARKDOWN.render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _field_json(field: Field) -> dict[str, Any]:
    value = field.value
    if isinstance(value, Table):
        value = [dict(zip(value.columns, row, strict=True)) for row in value.rows]
    return {
        "title": field.title,
        "value": list(value) if isinstance(value, tuple) else value,
        "kind": field.kind,
        "gate": field.gate,
        "filled": field.is_filled,
        "carried_over_from": field.carried_over_from,
    }


def _field_lines(field: Field) -> list[str]:
    if not field.value:
        return [f"*{_plain(field.missing_sentence)}*"]
    match field.value:
        case Table(columns, rows):
            return [_row(columns), _row(["---"] * len(columns), plain=False), *map(_row, rows)]
        case tuple(items):
            return [f"- {_plain(item)}" for item in items]
        case text if field.is_writable:
            note = (
                ["", f"*{_plain(field.missing_sentence)}*"] if field.carried_over_from else []
            )
            return [*(f"> {line}".rstrip() for line in text.splitlines()), *note]
        case text:
            return [_plain(text)]


def _row(cells: Any, *, plain: bool = True) -> str:
    return f"| {' | '.join(_plain(cell) if plain else cell for cell in cells)} |"


def _plain(text: str) -> str:
    """Text that Markdown takes literally, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
