"""Building documents: exact arithmetic, valid by the official schema whatever the numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuse.mx.cfdi.amounts import line_amount, plain, sum_taxes, totals_of
from acuse.mx.cfdi.build import build_comprobante
from acuse.mx.cfdi.build_pago import build_pago
from acuse.mx.cfdi.draft import Comprobante, Concepto, DocumentoPagado, Emisor, Impuesto, Pago, Receptor, Relacion
from acuse.mx.cfdi.header import header_of
from acuse.mx.cfdi.seal import seal, stamp, verify_seal
from tests.mx.cfdi.conftest import schema
from tests.support.cfdis import TAXPAYER, issuers

IVA = Impuesto("002", Decimal("0.16"))
EXEMPT = Impuesto("002", None)
ISR = Impuesto("001", Decimal("0.0125"), retenido=True)
IVA_WITHHELD = Impuesto("002", Decimal("0.106667"), retenido=True)
FECHA = datetime(2025, 3, 14, 10, 22, 5, tzinfo=UTC).replace(tzinfo=None)
UUID = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"


def a_line(price: str = "100", quantity: str = "1", **more: object) -> Concepto:
    values = {"impuestos": (IVA,), "descuento": None} | more
    return Concepto(
        clave_prod_serv="84111506",
        cantidad=Decimal(quantity),
        clave_unidad="H87",
        descripcion="Ñandú & <otros>",
        valor_unitario=Decimal(price),
        **values,  # type: ignore[arg-type]
    )


def a_document(*lines: Concepto, **more: object) -> Comprobante:
    values = {"efecto": "I", "forma_pago": "03", "metodo_pago": "PUE"} | more
    return Comprobante(
        fecha=FECHA,
        emisor=Emisor(rfc=TAXPAYER.rfc, nombre=TAXPAYER.nombre, regimen="601"),
        receptor=Receptor(rfc="XAXX010101000", nombre="PUBLICO", regimen="616", domicilio="06000", uso="S01"),
        conceptos=lines,
        lugar_expedicion="06000",
        **values,  # type: ignore[arg-type]
    )


class TestAmounts:
    def test_lines_are_exact_and_the_document_rounds_once(self) -> None:
        lines = [a_line("0.333333", "3"), a_line("0.005", "1")]
        totals = totals_of(lines, "MXN")
        assert line_amount(lines[0]) == Decimal("0.999999")
        assert totals.subtotal == Decimal("1.00")
        assert (totals.trasladados, totals.total) == (Decimal("0.16"), Decimal("1.16"))

    def test_a_tax_is_the_sum_of_its_lines_not_its_base_times_the_rate(self) -> None:
        lines = [a_line("0.03") for _ in range(10)]
        (tax,) = totals_of(lines, "MXN").traslados
        assert (tax.base, tax.importe) == (Decimal("0.30"), Decimal("0.05"))

    def test_a_half_goes_up(self) -> None:
        assert totals_of([a_line("0.125", impuestos=())], "MXN").total == Decimal("0.13")

    def test_withheld_taxes_and_discounts_are_taken_off(self) -> None:
        totals = totals_of([a_line("1000", descuento=Decimal(100), impuestos=(IVA, IVA_WITHHELD, ISR))], "MXN")
        assert totals.total == Decimal(900) + Decimal(144) - Decimal("96.00") - Decimal("11.25")

    def test_an_exempt_line_has_a_base_and_no_tax(self) -> None:
        (tax,) = sum_taxes([(EXEMPT, Decimal(5)), (EXEMPT, Decimal(6))])
        assert (tax.base, tax.importe) == (Decimal(11), None)

    @pytest.mark.parametrize(
        ("amount", "text"), [("1", "1.00"), ("1.50", "1.50"), ("1.230000", "1.23"), ("0.000001", "0.000001")]
    )
    def test_amounts_are_written_without_useless_zeros(self, amount: str, text: str) -> None:
        assert plain(Decimal(amount)) == text


LINES = st.builds(
    a_line,
    st.decimals("0.01", "99999", places=6).map(str),
    st.decimals("0.001", "999", places=3).map(str),
    impuestos=st.sampled_from([(), (IVA,), (EXEMPT,), (IVA, ISR), (IVA, IVA_WITHHELD, ISR)]),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(LINES, min_size=1, max_size=4), st.sampled_from(["MXN", "USD"]))
def test_any_document_is_valid_sealed_and_read_back(lines: list[Concepto], moneda: str) -> None:
    rate = Decimal("17.1234") if moneda == "USD" else None
    root = build_comprobante(a_document(*lines, moneda=moneda, tipo_cambio=rate))
    seal(root, issuers().csd_of(TAXPAYER))
    stamp(root, issuers().pac, uuid=UUID, stamped_at=FECHA)
    assert schema().validate(root), schema().error_log
    verify_seal(root)
    header, totals = header_of(root), totals_of(lines, moneda)
    assert (header.total, header.subtotal) == (totals.total, totals.subtotal)
    assert (header.trasladados or 0) == totals.trasladados
    assert (header.retenidos or 0) == totals.retenidos
    assert header.tipo_cambio == rate


def test_a_credit_note_names_what_it_is_about() -> None:
    root = build_comprobante(a_document(a_line(), efecto="E", relacion=Relacion(tipo="01", uuids=(UUID,))))
    seal(root, issuers().csd_of(TAXPAYER))
    assert schema().validate(root), schema().error_log
    stamp(root, issuers().pac, uuid=UUID, stamped_at=FECHA)
    header = header_of(root)
    assert (header.tipo_relacion, header.relacionados) == ("01", (UUID,))


def test_a_payment_of_half_an_invoice_pays_half_of_each_tax() -> None:
    invoice = totals_of([a_line("1000", impuestos=(IVA, ISR))], "USD")
    document = DocumentoPagado(
        uuid=UUID,
        total=invoice.total,
        saldo_anterior=invoice.total,
        pagado=invoice.total / 2,
        impuestos=tuple((each.impuesto, each.base) for each in (*invoice.retenciones, *invoice.traslados)),
    )
    parties = a_document(a_line())
    root = build_pago(
        Pago(
            fecha=FECHA,
            emisor=parties.emisor,
            receptor=Receptor(rfc="AAA010101AAA", nombre="A", regimen="601", domicilio="06000", uso="CP01"),
            lugar_expedicion="06000",
            fecha_pago=FECHA,
            forma_pago="03",
            documentos=(document, document),
            moneda="USD",
            tipo_cambio=Decimal("20.5"),
        )
    )
    seal(root, issuers().csd_of(TAXPAYER))
    stamp(root, issuers().pac, uuid=UUID, stamped_at=FECHA)
    assert schema().validate(root), schema().error_log
    totales = next(root.iter("{*}Totales"))
    assert totales.get("TotalTrasladosImpuestoIVA16") == "3280.00"
    assert totales.get("TotalRetencionesISR") == "256.25"
    assert header_of(root).pagado_mxn == Decimal("20.5") * invoice.total
