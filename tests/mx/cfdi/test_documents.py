"""Reading every kind of document for the index: what each says, in one shape."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.cfdi.documents import read_document
from acuse.mx.cfdi.errors import BadCfdi, CfdiError, NotACfdi
from tests.support import documents as made
from tests.support.cfdis import some_xml

UUID = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
KINDS = {
    "pagos20": made.cfdi40(UUID, made.PAGOS20),
    "pagos10": made.cfdi40(UUID, made.PAGOS10, version="3.3"),
    "nomina12": made.cfdi40(UUID, made.NOMINA12, efecto="N", total="7369.75", moneda="MXN"),
    "nomina11": made.cfdi32(UUID, complements=made.NOMINA11, tipoDeComprobante="egreso"),
    "carta porte": made.cfdi40(UUID, made.carta_porte("3.1"), efecto="T"),
    "3.2": made.cfdi32(UUID),
    "retenciones 2.0": made.retencion20(UUID),
    "retenciones 1.0": made.retencion10(UUID),
}


def texts(*amounts: Decimal | None) -> list[str | None]:
    """The amounts as plain text."""
    return [None if each is None else f"{each:.2f}" for each in amounts]


class TestPagos:
    def test_each_payment_has_its_date_its_money_and_its_taxes_in_pesos(self) -> None:
        first, second = read_document(KINDS["pagos20"]).pagos
        assert (first.fecha.isoformat(), texts(first.monto_mxn)) == ("2025-02-28T12:00:00", ["300.00"])
        assert (first.iva_trasladado_mxn, first.isr_retenido_mxn) == (None, None)
        assert (second.monto, second.moneda, second.monto_mxn) == (Decimal(100), "USD", Decimal(2000))
        taxes = texts(second.iva_trasladado_mxn, second.iva_retenido_mxn, second.isr_retenido_mxn)
        assert taxes == ["320.00", None, "20.00"]

    def test_each_invoice_paid_is_told_with_its_balance(self) -> None:
        first, second = read_document(KINDS["pagos20"]).pagos
        paid = first.documentos[0]
        assert (paid.uuid, paid.serie, paid.folio, paid.parcialidad) == (made.INVOICE, "F", "12", 2)
        assert texts(paid.saldo_anterior, paid.pagado, paid.insoluto) == ["1300.00", "300.00", "1000.00"]
        assert (second.documentos[0].moneda, second.documentos[0].equivalencia) == ("EUR", Decimal("0.9"))
        assert second.documentos[1].uuid is None  # an old paper's number is no UUID

    def test_the_total_of_version_2_is_its_own_and_of_version_1_the_sum_in_pesos(self) -> None:
        assert read_document(KINDS["pagos20"]).pagado_mxn == 2300
        assert read_document(KINDS["pagos10"]).pagado_mxn == 195

    def test_in_version_1_the_one_document_without_amount_takes_the_whole_payment(self) -> None:
        (pago,) = read_document(KINDS["pagos10"]).pagos
        paid = pago.documentos[0]
        assert texts(paid.pagado, paid.insoluto, pago.iva_trasladado_mxn) == ["10.00", None, None]

    def test_other_documents_have_none(self) -> None:
        assert not any(header.pagos for _, xml in some_xml() if (header := read_document(xml)).efecto != "P")


class TestDetalle:
    def test_payroll_12(self) -> None:
        assert json.loads(read_document(KINDS["nomina12"]).detalle or "") == {
            "nomina": {
                "tipo": "O",
                "fecha_pago": "2025-03-15",
                "desde": "2025-03-01",
                "hasta": "2025-03-15",
                "percepciones": "8500.00",
                "deducciones": "1250.50",
                "otros_pagos": "120.25",
                "isr_retenido": "1000.00",
            }
        }

    def test_payroll_11_sums_what_is_taxed_and_what_is_not(self) -> None:
        found = json.loads(read_document(KINDS["nomina11"]).detalle or "")["nomina"]
        assert (found["percepciones"], found["deducciones"], found["isr_retenido"]) == ("5300.00", "610.00", "500.00")

    @pytest.mark.parametrize("version", ["1.0", "2.0", "3.0", "3.1"])
    def test_waybills_of_every_version(self, version: str) -> None:
        header = read_document(made.cfdi40(UUID, made.carta_porte(version), efecto="T"))
        found = json.loads(header.detalle or "")["carta_porte"]
        assert header.complementos == ("CartaPorte",)
        assert (found["version"], found["transporte"], found["internacional"]) == (version, ["autotransporte"], False)
        assert ("id_ccp" in found) is (version >= "3")


class TestCfdi32:
    def test_the_old_names_give_the_same_facts(self) -> None:
        header = read_document(KINDS["3.2"])
        assert (header.version, header.efecto, header.serie, header.folio) == ("3.2", "I", "B", "9001")
        assert (header.receptor_rfc, header.receptor_nombre) == ("Ñ&O120726RX3", "ÑANDÚ & OTOÑO")
        assert texts(header.subtotal, header.descuento, header.total) == ["1000.00", "50.00", "1000.67"]
        assert texts(header.trasladados, header.retenidos) == ["152.00", "101.33"]
        assert texts(header.iva_trasladado, header.iva_retenido, header.isr_retenido) == ["152.00", "101.33", "0.00"]
        assert (header.emisor_regimen, header.lugar_expedicion) == ("601", "México, D.F.")

    @pytest.mark.parametrize(
        ("words", "currency"),
        [
            ("Peso mexicano", "MXN"),
            ("M.N.", "MXN"),
            ("", "MXN"),
            ("Dólares", "USD"),
            ("EUR", "EUR"),
            ("YENES", "YENES"),
        ],
    )
    def test_a_currency_in_words_is_understood(self, words: str, currency: str) -> None:
        assert read_document(made.cfdi32(UUID, Moneda=words)).moneda == currency

    @pytest.mark.parametrize(
        ("words", "metodo"),
        [("Pago en una sola exhibición", "PUE"), ("PARCIALIDAD 1 DE 3", "PPD"), ("Contado", None)],
    )
    def test_how_often_it_is_paid_is_told_only_without_doubt(self, words: str, metodo: str | None) -> None:
        assert read_document(made.cfdi32(UUID, formaDePago=words)).metodo_pago == metodo

    @pytest.mark.parametrize(
        ("words", "forma"), [("03", "03"), ("03 Transferencia", "03"), ("02,03", None), ("Efectivo", None)]
    )
    def test_by_what_means_it_is_paid_too(self, words: str, forma: str | None) -> None:
        assert read_document(made.cfdi32(UUID, metodoDePago=words)).forma_pago == forma

    def test_a_part_payment_names_the_document_it_belongs_to(self) -> None:
        assert read_document(made.cfdi32(UUID, FolioFiscalOrig=made.INVOICE.lower())).relacionados == (made.INVOICE,)

    def test_a_rate_in_words_is_no_rate(self) -> None:
        assert read_document(made.cfdi32(UUID, TipoCambio="N/A")).tipo_cambio is None


class TestRetenciones:
    def test_version_20(self) -> None:
        header = read_document(KINDS["retenciones 2.0"])
        assert (header.version, header.efecto, header.folio, header.moneda) == ("2.0", "R", "R-5", "MXN")
        assert (header.receptor_rfc, header.receptor_nombre) == ("Ñ&O120726RX3", "ÑANDÚ & OTOÑO")
        amounts = texts(header.total, header.retenidos, header.isr_retenido, header.iva_retenido)
        assert amounts == ["10000.00", "1960.00", "1000.00", "960.00"]
        assert (header.tipo_relacion, header.relacionados) == ("01", (made.INVOICE,))
        assert json.loads(header.detalle or "")["retencion"] == {
            "clave": "14",
            "mes_inicial": "01",
            "mes_final": "03",
            "ejercicio": "2025",
            "gravado": "9000.00",
            "exento": "1000.00",
        }

    def test_version_10_with_a_zone_behind_its_date(self) -> None:
        header = read_document(KINDS["retenciones 1.0"])
        assert (header.version, header.fecha.isoformat()) == ("1.0", "2018-01-31T11:59:31")
        amounts = texts(header.total, header.retenidos, header.isr_retenido, header.iva_retenido)
        assert amounts == ["500.00", "80.00", "80.00", None]
        assert header.no_certificado == "30001000000500003416"

    def test_somebody_abroad_has_the_generic_rfc(self) -> None:
        header = read_document(made.retencion20(UUID, foreign=True))
        assert (header.receptor_rfc, header.receptor_nombre) == ("XEXX010101000", "ACME INC")

    def test_a_version_not_known_is_named(self) -> None:
        with pytest.raises(NotACfdi, match="Retenciones"):
            read_document(KINDS["retenciones 2.0"].replace(b'Version="2.0"', b'Version="9.0"', 1))


class TestEveryKind:
    @pytest.mark.parametrize("kind", KINDS)
    def test_its_uuid_is_that_of_its_stamp(self, kind: str) -> None:
        assert read_document(KINDS[kind]).uuid == UUID

    @pytest.mark.parametrize("kind", KINDS)
    def test_without_a_receiver_it_is_refused(self, kind: str) -> None:
        with pytest.raises(BadCfdi):
            read_document(KINDS[kind].replace(b":Receptor ", b":Otro ").replace(b":Receptor>", b":Otro>"))

    @given(data=st.data())
    def test_damage_never_gives_another_fault(self, data: st.DataObject) -> None:
        xml = bytearray(data.draw(st.sampled_from(list(KINDS.values()))))
        for _ in range(data.draw(st.integers(1, 6))):
            xml[data.draw(st.integers(0, len(xml) - 1))] = data.draw(st.integers(0, 255))
        with suppress(CfdiError):
            read_document(bytes(xml))
