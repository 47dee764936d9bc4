"""The quick way to a document's row: whatever it answers, reading value by value answers too."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.cfdi.documents import document_of
from acuse.mx.cfdi.errors import CfdiError
from acuse.mx.cfdi.index_rows import XML_COLUMNS, Taxpayer, careful_row
from acuse.mx.cfdi.names import PAGOS20, clark
from acuse.mx.cfdi.pago_rows import DOCUMENTO_COLUMNS, PAGO_COLUMNS
from acuse.mx.cfdi.reader import parse_xml
from acuse.mx.cfdi.usual_pagos import usual_pagos
from acuse.mx.cfdi.usual_row import DocumentRow, usual_row
from tests.mx.cfdi.test_documents import KINDS, UUID
from tests.support.cfdis import some_xml

PAGOS = clark(PAGOS20, "Pagos")
US = Taxpayer("EKU9003173C9", "R")
USUAL = {name: xml for name, xml in KINDS.items() if name not in {"3.2", "retenciones 2.0", "retenciones 1.0"}}
ATTRIBUTE = re.compile(rb'([A-Za-z]+)="([^"]*)"')
AMOUNTS = frozenset({
    "total", "tipo_cambio", "subtotal", "descuento", "trasladados", "retenidos", "iva_trasladado", "iva_retenido",
    "isr_retenido", "ieps_trasladado", "pagado_mxn", "monto", "monto_mxn", "iva_trasladado_mxn", "iva_retenido_mxn",
    "isr_retenido_mxn", "equivalencia", "parcialidad", "saldo_anterior", "pagado", "insoluto",
})  # fmt: skip


def quick(xml: bytes, us: Taxpayer = US) -> DocumentRow | None:
    return usual_row(parse_xml(xml), us.rfc, us.direction)


def careful(xml: bytes, us: Taxpayer = US) -> DocumentRow:
    return careful_row(document_of(parse_xml(xml)), us)


def told(row: DocumentRow) -> tuple[object, ...]:
    """A row as the database will hold it: `1.50` and `01.50` are one amount."""
    return (
        _held(row.line, XML_COLUMNS, AMOUNTS),
        row.party,
        [_held(line, PAGO_COLUMNS, AMOUNTS) for line in row.pagos.pagos],
        [_held(line, DOCUMENTO_COLUMNS, AMOUNTS) for line in row.pagos.documentos],
    )


def _held(line: str, columns: tuple[str, ...], amounts: frozenset[str]) -> dict[str, object]:
    found = dict(zip(columns, line.split("\t"), strict=False))
    return {
        name: Decimal(value).as_tuple() if name in amounts and value != r"\N" else value
        for name, value in found.items()
    }


class TestUsualRow:
    def test_it_reads_every_cfdi_40_and_33_of_a_year(self) -> None:
        documents = [xml for entry, xml in some_xml() if entry.efecto != "R"]
        rows = [quick(xml) for xml in documents if b"/cfd/4" in xml or b'Version="3.3"' in xml]
        assert len(rows) > len(documents) // 2
        assert None not in rows

    @pytest.mark.parametrize("direction", ["E", "R"])
    def test_it_answers_what_reading_with_care_answers(self, direction: str) -> None:
        us = US._replace(direction=direction)
        for xml in [*(xml for _, xml in some_xml()), *USUAL.values()]:
            if (row := quick(xml, us)) is not None:
                assert told(row) == told(careful(xml, us))

    def test_a_uuid_in_small_letters_is_usual_and_kept_in_capitals(self) -> None:
        xml = next(xml for entry, xml in some_xml() if entry.efecto == "P" and b"/Pagos20" in xml)
        named = re.compile(rb' (UUID|IdDocumento)="[^"]*"')
        small = named.sub(lambda found: found[0].lower().replace(b"uuid=", b"UUID=").replace(b"iddoc", b"IdDoc"), xml)
        assert small != xml
        assert (row := quick(small)) is not None
        assert told(row) == told(careful(small)) == told(careful(xml))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (rb' Serie="[^"]*"', b' Serie=" A "'),
            (rb' Serie="[^"]*"', b' Serie="a\\\\N"'),
            (rb' Serie="[^"]*"', b' Serie="a&#9;b"'),
            (rb' Fecha="[^"]*"', b' Fecha="2025-02-30T10:00:00"'),
            (rb' Total="[^"]*"', b' Total="1e3"'),
            (rb' Descuento="[^"]*"', b' Descuento=""'),
            (rb' Moneda="[^"]*"', b' Moneda="PESOS"'),
            (rb' NoCertificado="[^"]*"', b' NoCertificado="1"'),
            (rb'Emisor Rfc="', b'Emisor Rfc=" '),
            (rb' UUID="..', b' UUID="\xef\xac\x80'),
            (rb"</cfdi:Complemento>", b"</cfdi:Complemento><cfdi:Complemento/>"),
            (rb"<cfdi:Complemento>.*</cfdi:Complemento>", b""),
        ],
    )
    def test_what_is_unusual_is_left_to_be_read_with_care(self, old: bytes, new: bytes) -> None:
        xml = next(xml for _, xml in some_xml() if all(mark in xml for mark in (b" Descuento=", b" Serie=", b"/cfd/4")))
        changed = re.sub(old, lambda _: new.replace(rb"\\", b"\\"), xml, count=1, flags=re.DOTALL)
        assert changed != xml
        assert quick(xml) is not None
        assert quick(changed) is None

    def test_usual_payments_are_read_with_it(self) -> None:
        payments = [xml for entry, xml in some_xml() if entry.efecto == "P" and b"/Pagos20" in xml]
        read = [usual_pagos(next(parse_xml(xml).iter(PAGOS)), UUID) for xml in payments]
        assert sum(each is not None for each in read) > len(read) // 2

    @pytest.mark.parametrize("kind", sorted(set(KINDS) - set(USUAL)))
    def test_other_documents_are_not_its_business(self, kind: str) -> None:
        assert quick(KINDS[kind]) is None

    @given(data=st.data())
    def test_no_value_makes_the_two_ways_differ(self, data: st.DataObject) -> None:
        xml = data.draw(st.sampled_from([*USUAL.values(), *(xml for _, xml in some_xml(24))]))
        places = list(ATTRIBUTE.finditer(xml))
        place = data.draw(st.sampled_from([each for each in places if each[1] != b"Certificado"]))
        values = st.one_of(
            st.sampled_from([
                "", " ", "0", "-0.00", "00.10", "1e2", "1.", ".5", "0.0000000", r"\N", "\\", "{}", "\xa0", "E", "R",
                "&#9;", "&#10;", "x&#13;y", "2025-02-29T00:00:00", "2024-02-29T23:59:59", "0000-01-01T00:00:00",
                "2025-01-01T24:00:00", "aaa010101aaa", "ÑÑ&amp;010101AAA", "002", "001", "x" * 13, "x" * 14, "ñ" * 300,
                "ñ" * 301,
                "5c2b6a0e-9e0e-4b2b-8c7b-0e2d6a1f9b11", "\ufb002b6a0e-9e0e-4b2b-8c7b-0e2d6a1f9b11", "1.000000", "17.5",
                "12345678901234567890", "\u0661\u0662", "\ufb00", "4.0", "3.3",
            ]),
            st.text("0123456789.-eE", max_size=34),
            st.text("aÑ &;#<>\"'\\\t\x85\u2028", max_size=20).map(escaped),
        )  # fmt: skip
        new = data.draw(values).encode()
        changed = xml[: place.start(2)] + new + xml[place.end(2) :]
        try:
            row = quick(changed)
        except CfdiError:
            return
        if row is not None:
            assert told(row) == told(careful(changed))


def escaped(text: str) -> str:
    """Text as it stands in an attribute."""
    named = {"&": "&amp;", "<": "&lt;", '"': "&quot;"}
    return "".join(named.get(each) or (each if each >= " " else f"&#{ord(each)};") for each in text)
