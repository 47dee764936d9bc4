"""What a document says in print: all of it, with the meaning of its keys."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path

import pytest
import satcfdi
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from acuse.mx.cfdi.errors import CfdiError
from acuse.mx.cfdi.printed import Kind, Printed, print_document
from acuse.mx.cfdi.printed import verification as verify
from acuse.mx.cfdi.printed.letters import fit
from acuse.mx.cfdi.printed.meanings import catalogs, meaning
from acuse.mx.cfdi.printed.wording import amount, percent, quantity
from tests.mx.cfdi.test_documents import KINDS, UUID
from tests.support import documents as made
from tests.support.cfdis import some_xml

ORACLE = Path(satcfdi.__file__).parent / "catalogs" / "catalogs.db"
TABLES = {
    "forma_pago": "C756_c_FormaPago", "metodo_pago": "C756_c_MetodoPago", "uso_cfdi": "C756_c_UsoCFDI",
    "regimen_fiscal": "C756_c_RegimenFiscal", "tipo_relacion": "C756_c_TipoRelacion",
    "tipo_comprobante": "C756_c_TipoDeComprobante", "objeto_imp": "C756_c_ObjetoImp",
    "tipo_percepcion": "C75b_c_TipoPercepcion", "tipo_deduccion": "C75b_c_TipoDeduccion",
    "tipo_otro_pago": "C75b_c_TipoOtroPago", "cve_retenc": "Ccb0_c_CveRetenc",
}  # fmt: skip


def words(printed: Printed) -> str:
    """All that is printed, in one text."""
    return "\n".join(_words(printed))


def _words(printed: Printed) -> Iterator[str]:
    yield f"{printed.title} {printed.number} {printed.uuid} {printed.version}"
    for section in (printed.document, *printed.parties, *printed.sections, printed.stamp):
        yield section.title
        yield from (f"{fact.label}: {fact.text}" for fact in section.facts)
        for table in section.tables:
            yield from (" | ".join(row) for row in table.rows)
    yield from (f"{fact.label}: {fact.value}" for fact in printed.totals)


class TestCatalogs:
    @pytest.mark.parametrize("name", TABLES)
    def test_each_has_the_keys_and_meanings_the_sat_published(self, name: str) -> None:
        with closing(sqlite3.connect(f"file:{ORACLE}?mode=ro", uri=True)) as base:
            rows = base.execute(f'select * from "{TABLES[name]}"').fetchall()
        assert catalogs()[name] == {pickle.loads(key): pickle.loads(value) for key, value in rows}

    def test_a_key_nobody_knows_means_nothing(self) -> None:
        assert (meaning("forma_pago", "77"), meaning("forma_pago", None)) == ("", "")

    def test_every_catalogue_is_text_to_text(self) -> None:
        assert all(key and value for each in catalogs().values() for key, value in each.items())


class TestComprobante:
    def test_every_line_and_tax_of_the_corpus_is_there(self) -> None:
        for _, xml in some_xml():
            said = words(print_document(xml))
            for node in etree.fromstring(xml).iter("{*}Concepto"):
                assert node.get("Descripcion", "") in said
                assert amount(node.get("Importe", "")) in said

    def test_keys_come_with_their_meaning(self) -> None:
        xml = next(xml for entry, xml in some_xml() if entry.efecto == "I")
        said = words(print_document(xml))
        for part in ("01 · No aplica", "Uso del CFDI: G0", " · IVA 16 %" if False else "IVA 16 %", "Tipo: I · Ingreso"):
            assert part in said

    def test_no_table_is_longer_than_asked_and_it_says_so(self) -> None:
        concept = '<cfdi:Concepto ClaveProdServ="01010101" Descripcion="Cosa" Importe="1.00"/>'
        xml = made.cfdi40(UUID).replace(b"<cfdi:Conceptos>", f"<cfdi:Conceptos>{concept * 50}".encode())
        table = print_document(xml, 20).sections[0].tables[0]
        assert (len(table.rows), table.left_out) == (20, 31)

    def test_related_documents_are_named_to_be_linked(self) -> None:
        related = f'<cfdi:CfdiRelacionado UUID="{made.INVOICE.lower()}"/>'
        node = f'<cfdi:CfdiRelacionados TipoRelacion="07">{related}</cfdi:CfdiRelacionados><cfdi:Emisor'.encode()
        printed = print_document(made.cfdi40(UUID).replace(b"<cfdi:Emisor", node))
        assert list(printed.named()) == [made.INVOICE]
        assert "Relación: 07 · CFDI por aplicación de anticipo" in words(printed)

    def test_a_complement_nobody_prints_is_told_by_its_attributes(self) -> None:
        other = '<x:Donatarias xmlns:x="urn:x" noAutorizacion="325-SAT"><x:Hija fechaAlta="2020-01-01"/></x:Donatarias>'
        said = words(print_document(made.cfdi40(UUID, other)))
        assert "Complemento Donatarias" in said
        assert "no Autorizacion: 325-SAT" in said
        assert "Hija: fecha alta: 2020-01-01" in said

    @pytest.mark.parametrize(
        ("kind", "parts"),
        [
            ("pagos20", ["Recibo de pago", "Pago 2 de 2", "03 · Transferencia electrónica de fondos", "1,300.00",
                         "ISR retenido", "Total pagado: 2,300.00 MXN"]),
            ("pagos10", ["19.5", "Total pagado: 195.00 MXN"]),
            ("nomina12", ["Recibo de nómina", "O · Nómina ordinaria", "001 · Sueldos, Salarios Rayas y Jornales",
                          "002 · ISR", "Subsidio", "Total de percepciones: 8,500.00"]),
            ("nomina11", ["Recibo de nómina", "Total de percepciones: 5,300.00", "Total de deducciones: 610.00"]),
            ("carta porte", ["Carta Porte 3.1", "CCCBCD94-870A-4332-A52A-A52AA52AA52A", "Cajas de cartón", "ABC1234",
                             "Operador", "JAL, MEX, 44100"]),
            ("3.2", ["CFDI 3.2", "ÑANDÚ & OTOÑO", "601 General de Ley Personas Morales", "IVA 16 % | 152.00",
                     "Pago en una sola exhibición", "Total: 1,000.67 MXN"]),
            ("retenciones 2.0", ["Constancia de retenciones", "14 · Dividendos o utilidades distribuidas",
                                 "enero a marzo de 2025", "ISR | Pago definitivo IVA | 9,000.00 | 1,000.00",
                                 "Total de la operación: 10,000.00 MXN"]),
            ("retenciones 1.0", ["16 · Intereses", "enero a diciembre de 2017", "ISR | Pago provisional"]),
        ],
    )  # fmt: skip
    def test_each_kind_says_what_it_is_about(self, kind: str, parts: list[str]) -> None:
        said = words(print_document(KINDS[kind]))
        assert [part for part in parts if part not in said] == []

    @pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
    def test_waybills_of_every_version(self, version: str) -> None:
        said = words(print_document(made.cfdi40(UUID, made.carta_porte(version), efecto="T")))
        assert f"Carta Porte {version}" in said

    def test_the_balances_left_are_of_the_kind_amount_and_the_invoices_of_the_kind_uuid(self) -> None:
        table = print_document(KINDS["pagos20"]).sections[1].tables[0]
        kinds = {column.label: column.kind for column in table.columns}
        assert (kinds["Folio fiscal"], kinds["Saldo insoluto"]) == (Kind.UUID, Kind.AMOUNT)

    @given(data=st.data())
    def test_damage_never_gives_another_fault(self, data: st.DataObject) -> None:
        xml = bytearray(data.draw(st.sampled_from(list(KINDS.values()))))
        for _ in range(data.draw(st.integers(1, 6))):
            xml[data.draw(st.integers(0, len(xml) - 1))] = data.draw(st.integers(0, 255))
        with suppress(CfdiError):
            print_document(bytes(xml))


class TestVerification:
    def test_a_cfdi_has_the_address_of_the_sat_with_everything_encoded(self) -> None:
        assert verify.of_cfdi(UUID, "Ñ&O120726RX3", "XAXX010101000", Decimal("1160.500000"), "abcd/fgh+kl==") == (
            f"https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id={UUID}"
            "&re=%C3%91%26O120726RX3&rr=XAXX010101000&tt=1160.5&fe=gh%2Bkl==".replace("gh%2Bkl==", "fgh%2Bkl==")
        )

    def test_a_total_keeps_one_decimal_always(self) -> None:
        assert "&tt=0.0&" in verify.of_cfdi(UUID, "A", "B", Decimal(0), "x")

    def test_the_old_ones_have_an_expression_of_seventeen_places(self) -> None:
        said = verify.of_cfdi32(UUID, "EKU9003173C9", "XAXX010101000", Decimal("1000.67"))
        assert said == f"?re=EKU9003173C9&rr=XAXX010101000&tt=0000001000.670000&id={UUID}"

    def test_somebody_abroad_is_named_by_the_foreign_id_in_twenty_places(self) -> None:
        printed = print_document(made.retencion20(UUID, foreign=True))
        assert "&nr=00000000000000000987&tt=10000.0&" in printed.verification
        assert printed.verification.startswith("https://prodretencionverificacion.clouda.sat.gob.mx/?id=")


class TestWording:
    @pytest.mark.parametrize(
        ("text", "said"),
        [("1234567.5", "1,234,567.50"), ("0", "0.00"), ("-5", "-5.00"), ("", ""), ("n/d", "n/d"), ("2.345678", "2.35")],
    )
    def test_amounts(self, text: str, said: str) -> None:
        assert amount(text) == said

    def test_prices_keep_their_decimals_up_to_six(self) -> None:
        assert [amount(each, places=6) for each in ("22.918841", "5.100000", "7")] == ["22.918841", "5.10", "7.00"]

    @pytest.mark.parametrize(("text", "said"), [("1.000", "1"), ("1200", "1,200"), ("0.250", "0.25"), ("0.000", "0")])
    def test_quantities(self, text: str, said: str) -> None:
        assert quantity(text) == said

    def test_rates(self) -> None:
        assert [percent(each) for each in ("0.160000", "0.106667", "0.000000")] == ["16 %", "10.6667 %", "0 %"]

    @pytest.mark.parametrize(
        ("text", "said"), [("Ñandú — «€»", "Ñandú — «€»"), ("Łódź", "·ódz"), ("Őr", "Or"), ("株式", "··")]
    )
    def test_letters_a_pdf_lacks_become_their_base_or_a_dot(self, text: str, said: str) -> None:
        assert fit(text) == (said, text != said)

    @given(st.text())
    def test_what_is_fitted_is_always_in_those_letters(self, text: str) -> None:
        fit(text)[0].encode("cp1252")


def test_the_catalogues_are_sorted_data() -> None:
    for path in (Path(verify.__file__).parent / "catalogs").glob("*.json"):
        for each in json.loads(path.read_text("utf-8")).values():
            assert list(each) == sorted(each)
