"""Cuts a document into coloured pieces for reading on a page: indented, one attribute to a line where they are many.

The pieces are plain text with a kind; whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi.names import XSI
from acuse.mx.cfdi.reader import parse_xml

_WIDE: Final = 100
_SHOWN_VALUE: Final = 2_000
_XSI: Final = f"{{{XSI}}}"


class Piece(NamedTuple):
    """Some text of one kind: `mark`, `tag`, `name`, `value` or `text`."""

    kind: str
    text: str


class Line(NamedTuple):
    """One line: how deep it stands, and its pieces."""

    depth: int
    pieces: tuple[Piece, ...]


def outline(xml: bytes, most_lines: int = 2_000) -> list[Line]:
    """Answer the document in lines, at most so many; raises UnreadableXml."""
    lines: list[Line] = []
    for line in _element(parse_xml(xml), 0):
        if len(lines) == most_lines:
            lines.append(Line(0, (Piece("text", "…"),)))
            break
        lines.append(line)
    return lines


def _element(node: etree._Element, depth: int) -> Iterator[Line]:
    name = _name(node)
    attributes = [_attribute(str(key), str(value)) for key, value in node.attrib.items()]
    text = (node.text or "").strip()
    empty = len(node) == 0 and not text
    end = Piece("mark", "/>" if empty else ">")
    opening = (Piece("mark", "<"), Piece("tag", name))
    if sum(len(each.text) + len(value.text) for each, _, value in attributes) + len(name) < _WIDE:
        pieces = [piece for attribute in attributes for piece in (Piece("text", " "), *attribute)]
        yield Line(depth, (*opening, *pieces, end))
    else:
        yield Line(depth, opening)
        for place, attribute in enumerate(attributes, 1):
            yield Line(depth + 2, (*attribute, end) if place == len(attributes) else attribute)
    if empty:
        return
    if text:
        yield Line(depth + 1, (Piece("text", text[:_SHOWN_VALUE]),))
    for child in node:
        yield from _element(child, depth + 1)
    yield Line(depth, (Piece("mark", "</"), Piece("tag", name), Piece("mark", ">")))


def _name(node: etree._Element) -> str:
    local = etree.QName(node).localname
    return f"{node.prefix}:{local}" if node.prefix else local


def _attribute(key: str, value: str) -> tuple[Piece, Piece, Piece]:
    name = key.replace(_XSI, "xsi:")
    shown = value if len(value) <= _SHOWN_VALUE else value[:_SHOWN_VALUE] + "…"
    return Piece("name", name), Piece("mark", "="), Piece("value", f'"{shown}"')
