"""A document in pieces says all the document says, and nothing else."""

from __future__ import annotations

import html

import pytest
from lxml import etree

from acuse.mx.cfdi.errors import UnreadableXml
from acuse.mx.cfdi.markup import outline
from tests.support.cfdis import some_xml


def written(xml: bytes) -> str:
    """Put the pieces together again as a page would, escaped."""
    lines = outline(xml)
    return "\n".join("".join(piece.text for piece in line.pieces) for line in lines)


def test_every_attribute_of_every_element_is_shown_once_in_order() -> None:
    for _, xml in some_xml()[:40]:
        pieces = [piece for line in outline(xml) for piece in line.pieces if piece.kind == "value"]
        values = [str(value) for node in etree.fromstring(xml).iter() for value in node.attrib.values()]
        assert [piece.text[1:-1] for piece in pieces] == values


def test_what_looks_like_markup_stays_text() -> None:
    pieces = [piece for line in outline(b'<a b="&lt;script&gt;">&lt;i&gt;</a>') for piece in line.pieces]
    assert [piece.kind for piece in pieces if "script" in piece.text or "<i>" in piece.text] == ["value", "text"]
    assert html.escape("<i>") not in written(b"<a>&lt;i&gt;</a>")


def test_a_long_document_is_cut_and_says_so() -> None:
    lines = outline(b"<a>" + b"<b/>" * 500 + b"</a>", most_lines=100)
    assert len(lines) == 101
    assert lines[-1].pieces[0].text == "…"


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(UnreadableXml):
        outline(b"<a")
