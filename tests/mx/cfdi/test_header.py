"""Reading a header: only what the document says, and a clear fault for everything else."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.cfdi.errors import BadCfdi, CfdiError, NotACfdi, NotStamped, UnreadableXml
from acuse.mx.cfdi.header import read_header
from acuse.mx.cfdi.reader import hardened_parser, parse_xml
from tests.support.cfdis import some_xml

UUID = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
CFDI33 = f"""<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" Version="3.3" Fecha="2019-05-01T10:00:00"
 Sello="abcdefghijkl" NoCertificado="30001000000500000001" SubTotal="100.00" Moneda="MXN" Total="116.00"
 TipoDeComprobante="I" LugarExpedicion="06000">
 <cfdi:CfdiRelacionados TipoRelacion="04"><cfdi:CfdiRelacionado UUID="00000000-0000-0000-0000-000000000001"/>
 </cfdi:CfdiRelacionados><cfdi:Emisor Rfc="AAA010101AAA" Nombre="A" RegimenFiscal="601"/>
 <cfdi:Receptor Rfc="XAXX010101000" UsoCFDI="P01"/>
 <cfdi:Conceptos><cfdi:Concepto><cfdi:Impuestos TotalImpuestosTrasladados="999"/></cfdi:Concepto></cfdi:Conceptos>
 <cfdi:Complemento><x:Otro xmlns:x="urn:x"/></cfdi:Complemento>
 <cfdi:Complemento><t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1"
  UUID="{UUID.lower()}" FechaTimbrado="2019-05-01T10:01:00" RfcProvCertif="SPR190613I52"/></cfdi:Complemento>
</cfdi:Comprobante>"""


def changed(old: str, new: str) -> bytes:
    assert old in CFDI33
    return CFDI33.replace(old, new).encode()


class TestReadHeader:
    def test_the_uuid_is_that_of_the_stamp_in_upper_case(self) -> None:
        header = read_header(CFDI33.encode())
        assert header.uuid == UUID
        assert header.relacionados == ("00000000-0000-0000-0000-000000000001",)
        assert (header.version, header.tipo_relacion, header.complementos) == ("3.3", "04", ("Otro",))
        assert header.sello_final == "efghijkl"

    def test_a_concepts_taxes_are_not_the_documents(self) -> None:
        header = read_header(CFDI33.encode())
        assert (header.trasladados, header.iva_trasladado, header.retenidos) == (None, None, None)

    def test_any_prefix_will_do(self) -> None:
        xml = CFDI33.replace("cfdi:", "").replace("xmlns:cfdi", "xmlns")
        assert read_header(xml.encode()) == read_header(CFDI33.encode())

    def test_amounts_are_exact(self) -> None:
        assert read_header(changed("116.00", "12345678901234567.123456")).total == Decimal("12345678901234567.123456")

    def test_latin_1_with_its_declaration_is_read(self) -> None:
        xml = f"<?xml version='1.0' encoding='ISO-8859-1'?>{CFDI33}".replace('Nombre="A"', 'Nombre="ÑANDÚ"')
        assert read_header(xml.encode("latin-1")).emisor_nombre == "ÑANDÚ"

    def test_a_byte_order_mark_is_no_fault(self) -> None:
        assert read_header(b"\xef\xbb\xbf" + CFDI33.encode()).uuid == UUID

    def test_threads_may_read_at_once(self) -> None:
        documents = [xml for _, xml in some_xml()[:60]]
        expected = [read_header(xml) for xml in documents]
        found: list[bool] = []

        def work() -> None:
            found.append([read_header(xml) for xml in documents] == expected)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 4


class TestFaults:
    @pytest.mark.parametrize(
        ("old", "new", "attribute"),
        [
            ('Total="116.00"', "", "Total"),
            ('Total="116.00"', 'Total="1e5"', "Total"),
            ('Total="116.00"', 'Total="NaN"', "Total"),
            ('Total="116.00"', 'Total="١٢"', "Total"),
            ("2019-05-01T10:00:00", "2019-05-01T10:00:00Z", "Fecha"),
            ("2019-05-01T10:00:00", "2019-02-30T10:00:00", "Fecha"),
            ('TipoDeComprobante="I"', 'TipoDeComprobante="ingreso"', "TipoDeComprobante"),
            ('Moneda="MXN"', 'Moneda="PESOS"', "Moneda"),
            ("AAA010101AAA", "AAA", "Emisor.Rfc"),
            ('Sello="abcdefghijkl"', "", "Sello"),
            (UUID.lower(), "x", "UUID"),
            ('Nombre="A"', f'Nombre="{"A" * 301}"', "Emisor.Nombre"),
        ],
    )
    def test_a_wrong_attribute_is_named(self, old: str, new: str, attribute: str) -> None:
        with pytest.raises(BadCfdi) as caught:
            read_header(changed(old, new))
        assert caught.value.details == {"attribute": attribute}

    def test_a_document_without_stamp_has_no_uuid(self) -> None:
        with pytest.raises(NotStamped):
            read_header(changed("t:TimbreFiscalDigital", "t:Timbre"))

    def test_two_stamps_are_one_too_many(self) -> None:
        end = "</cfdi:Comprobante>"
        at = CFDI33.rindex("<cfdi:Complemento>")
        with pytest.raises(BadCfdi):
            read_header((CFDI33.replace(end, "") + CFDI33[at:].replace(end, "") + end).encode())

    @pytest.mark.parametrize(
        "xml",
        [
            "<note/>",
            '<Comprobante Version="4.0"/>',
            CFDI33.replace('Version="3.3"', 'version="2.2"', 1),
            '<r:Retenciones xmlns:r="http://www.sat.gob.mx/esquemas/retencionpago/3" Version="3.0"/>',
        ],
    )
    def test_another_document_is_named(self, xml: str) -> None:
        with pytest.raises(NotACfdi):
            read_header(xml.encode())

    @given(st.binary(max_size=400))
    def test_junk_never_gives_another_fault(self, junk: bytes) -> None:
        with pytest.raises(CfdiError):
            read_header(junk)

    @given(st.data())
    def test_a_damaged_document_never_gives_another_fault(self, data: st.DataObject) -> None:
        xml = bytearray(CFDI33.encode())
        for _ in range(data.draw(st.integers(1, 6))):
            xml[data.draw(st.integers(0, len(xml) - 1))] = data.draw(st.integers(0, 255))
        with suppress(CfdiError):
            read_header(bytes(xml))


class TestAttacks:
    """Each is refused whole; none reads a file, none grows."""

    @pytest.mark.parametrize(
        "xml",
        [
            '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
            '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
            '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            '<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:9/x.dtd"><a/>',
            "<!DOCTYPE a><a/>",
            "<a>&undefined;</a>",
            "<x:a/>",
            '<a b="1" b="2"/>',
            "<a/><a/>",
            "<a>\0</a>",
            '<a b="<"/>',
            "<a>" * 300 + "</a>" * 300,
            "",
        ],
    )
    def test_it_is_refused(self, xml: str) -> None:
        with pytest.raises(UnreadableXml):
            parse_xml(xml.encode())

    def test_a_fault_is_told_in_spanish_with_its_place(self) -> None:
        with pytest.raises(UnreadableXml, match="mal escrito en la línea 2, columna"):
            parse_xml(b"<a>\n<b c=></b></a>")

    def test_a_doctype_is_seen_in_utf_16_too(self) -> None:
        with pytest.raises(UnreadableXml):
            parse_xml('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"))

    def test_laughs_do_not_grow_to_billions(self) -> None:
        entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        with pytest.raises(UnreadableXml):
            parse_xml(f'<!DOCTYPE a [<!ENTITY l0 "ha">{entities}]><a>&l9;</a>'.encode())

    def test_an_external_dtd_is_not_opened(self, tmp_path: Path) -> None:
        dtd = tmp_path / "x.dtd"
        os.mkfifo(dtd)  # whoever opens it waits for ever, and the test with him
        with pytest.raises(UnreadableXml):
            parse_xml(f'<!DOCTYPE a SYSTEM "{dtd.as_uri()}"><a/>'.encode())

    def test_a_document_too_large_is_not_parsed(self) -> None:
        with pytest.raises(UnreadableXml):
            parse_xml(b"<a>" + b" " * (33 * 1024 * 1024) + b"</a>")

    def test_one_parser_serves_many_documents(self) -> None:
        parser = hardened_parser()
        for xml in (b"<!DOCTYPE a><a/>", b"<a", b"<a/>"):
            try:
                assert parse_xml(xml, parser).tag == "a"
            except UnreadableXml:
                assert xml != b"<a/>"
