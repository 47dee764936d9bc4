"""The PDF of a document: its words read by another program, its QR code read by another reader, always the same."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from acuse.mx.cfdi.printed import Standing, print_document
from acuse.mx.cfdi.printed.pdf import pdf_of
from tests.mx.cfdi.test_documents import KINDS, UUID
from tests.support import documents as made
from tests.support.cfdis import some_xml

ALIVE = Standing(known=True)
DEAD = Standing(cancelled=True, cancelled_at=datetime(2025, 4, 1, 9, 30), known=True)  # noqa: DTZ001 - local
WIDE = " ".join(f'a{number}="{"W" * 400}"' for number in range(99))
_RECT = re.compile(rb"(?<![\d.])([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re\b")


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def qr_of(pdf: bytes) -> str:
    """Draw the dark modules of the page's QR code anew and have them read."""
    for page in PdfReader(io.BytesIO(pdf)).pages:
        contents = page.get_contents()
        assert contents is not None
        found = [tuple(float(each) for each in rect) for rect in _RECT.findall(contents.get_data())]
        if len(found) > 50:
            side = min(rect[3] for rect in found)
            return _read([rect for rect in found if abs(rect[3] - side) < 0.01])
    raise AssertionError("no QR code in it")


def _read(rects: list[tuple[float, ...]]) -> str:
    """Have the code read by a reader that knows nothing of the one who wrote it."""
    scale, size = 8, 800
    picture = Image.new("L", (size, size), 255)
    for x, y, width, height in rects:
        box = [round(each * scale) for each in (x, 90 - y - height, x + width, 90 - y)]
        picture.paste(0, (box[0], box[1], box[2], box[3]))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1
    return found[0].text


class TestPdf:
    def test_the_key_of_a_line_is_not_broken_where_every_column_is_used(self) -> None:
        xml = next(xml for _, xml in some_xml() if b"<cfdi:Concepto " in xml and b' Descuento="' in xml)
        keys = re.findall(rb'ClaveProdServ="(\d{8})"', xml)
        words = text_of(pdf_of(xml, ALIVE)).split()
        assert keys
        assert all(key.decode() in words for key in keys)

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_has_its_words_and_its_qr(self, kind: str) -> None:
        pdf = pdf_of(KINDS[kind], ALIVE)
        printed = print_document(KINDS[kind])
        said = re.sub(r"\s+", "", text_of(pdf))
        facts = [fact for part in (printed.document, *printed.parties, *printed.sections) for fact in part.facts]
        for word in (printed.title, printed.uuid, *(fact.text for fact in facts), printed.totals[-1].value):
            assert re.sub(r"\s+", "", word) in said
        assert qr_of(pdf) == printed.verification

    def test_the_same_bytes_every_time(self) -> None:
        assert pdf_of(KINDS["pagos20"], ALIVE) == pdf_of(KINDS["pagos20"], ALIVE)

    def test_a_cancelled_one_says_so_on_every_page(self) -> None:
        concept = '<cfdi:Concepto ClaveProdServ="01010101" Descripcion="Cosa" Importe="1.00"/>'
        xml = made.cfdi40(UUID).replace(b"<cfdi:Conceptos>", f"<cfdi:Conceptos>{concept * 90}".encode())
        pages = PdfReader(io.BytesIO(pdf_of(xml, DEAD))).pages
        assert len(pages) > 1
        assert all("CANCELADO" in page.extract_text() for page in pages)
        assert "Cancelado desde el 2025-04-01 09:30" in pages[0].extract_text()
        assert "CANCELADO" not in text_of(pdf_of(xml, ALIVE))

    def test_a_long_document_is_cut_and_says_so(self) -> None:
        concept = '<cfdi:Concepto ClaveProdServ="01010101" Descripcion="Cosa" Importe="1.00"/>'
        xml = made.cfdi40(UUID).replace(b"<cfdi:Conceptos>", f"<cfdi:Conceptos>{concept * 60}".encode())
        assert "Y 41 renglones más" in text_of(pdf_of(xml, ALIVE, 20))

    @pytest.mark.parametrize(
        "xml",
        [
            made.cfdi40(UUID).replace(b'Descripcion="Pago"', b'Descripcion="' + b"W" * 2_000 + b'"'),
            made.cfdi40(UUID).replace(b'ClaveUnidad="ACT"', b'ClaveUnidad="' + b"W" * 5_000 + b'"'),
            made.cfdi40(UUID, more=f'CondicionesDePago="{"W" * 9_000}"'),
            made.cfdi32(UUID).replace(
                b"</cfdi:Emisor>", b'<cfdi:RegimenFiscal Regimen="601"/>' * 99 + b"</cfdi:Emisor>"
            ),
            made.cfdi32(UUID).replace(b'descripcion="Silla"', b'descripcion="a' + b"&#10;a" * 900 + b'"'),
            made.cfdi40(UUID, f'<x:X xmlns:x="urn:x" {WIDE}/>'),
            made.retencion20(UUID).replace(b'DescRetenc="Dividendos"', b'DescRetenc="' + b"W" * 9_000 + b'"'),
        ],
    )
    def test_nothing_a_document_may_say_is_too_tall_for_a_page(self, xml: bytes) -> None:
        assert len(PdfReader(io.BytesIO(pdf_of(xml, DEAD))).pages) <= 12

    def test_letters_it_lacks_are_told(self) -> None:
        xml = made.cfdi40(UUID, receptor=("XEXX010101000", "Łódź 株式会社"))
        said = text_of(pdf_of(xml, ALIVE))
        assert "·ódz ····" in said
        assert "no existe en este tipo" in said

    def test_spanish_is_set_as_it_is(self) -> None:
        said = text_of(pdf_of(KINDS["3.2"], ALIVE))
        assert "ÑANDÚ & OTOÑO" in said
        assert "no existe en este tipo" not in said

    def test_documents_of_the_corpus(self) -> None:
        for entry, xml in some_xml()[:12]:
            assert entry.uuid in text_of(pdf_of(xml, ALIVE))
