"""Indexing payments and what they pay: once each, with the one XML that is kept, and gone with the taxpayer."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from acuse.kernel.database import Database
from acuse.mx.archivo import ArchivoService, CfdiFilter, Efecto
from tests.mx.archivo.conftest import Office, Put
from tests.support import documents as made
from tests.support.cfdis import a_zip

PAYMENT = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
CERTIFICATE = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B12"
OLD = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B13"
PAYROLL = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B14"


async def count(database: Database, table: str) -> int:
    async with database.transaction() as tx:
        return int((await tx.execute(text(f"select count(*) from {table}"))).scalar_one())


class TestPayments:
    async def test_each_payment_and_each_invoice_paid_has_a_row(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        key = await put("a", a_zip([(f"{PAYMENT}.xml", made.cfdi40(PAYMENT, made.PAGOS20))]))
        assert (await archive.ingest_xml_package(office.kemper, key, "E")).new == 1
        async with database.transaction() as tx:
            pagos = (await tx.execute(text("select numero, monto_mxn, iva_trasladado_mxn from pagos order by 1"))).all()
            paid = text("select pago, numero, documento, insoluto from pago_documentos order by 1, 2")
            documents = (await tx.execute(paid)).all()
        assert [tuple(row) for row in pagos] == [(1, 300, None), (2, 2000, 320)]
        assert [tuple(row) for row in documents] == [
            (1, 1, UUID(made.INVOICE), 1000),
            (2, 1, UUID("A1B2C3D4-0000-4000-8000-000000000002"), 45),
            (2, 2, None, 0),
        ]

    async def test_another_package_with_the_same_document_adds_nothing(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        other = made.cfdi40(PAYMENT, made.PAGOS20.replace("</p:Pagos>", "") + PAGO_MORE)
        for name, xml in (("a", made.cfdi40(PAYMENT, made.PAGOS20)), ("b", other)):
            key = await put(name, a_zip([(f"{PAYMENT}.xml", xml)]))
            await archive.ingest_xml_package(office.kemper, key, "E")
        assert (await count(database, "pagos"), await count(database, "pago_documentos")) == (2, 3)

    async def test_of_two_with_one_uuid_in_a_package_only_the_kept_one_brings_payments(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        other = made.cfdi40(PAYMENT, made.PAGOS20.replace("</p:Pagos>", "") + PAGO_MORE)
        members = [(f"{PAYMENT}.xml", made.cfdi40(PAYMENT, made.PAGOS10, version="3.3")), ("again.xml", other)]
        await archive.ingest_xml_package(office.kemper, await put("a", a_zip(members)), "E")
        assert (await count(database, "pagos"), await count(database, "pago_documentos")) == (1, 1)


class TestOtherKinds:
    async def test_certificates_old_documents_and_payrolls_are_found_like_any_other(
        self, archive: ArchivoService, office: Office, put: Put
    ) -> None:
        members = [
            (f"{CERTIFICATE}.xml", made.retencion20(CERTIFICATE)),
            (f"{OLD}.xml", made.cfdi32(OLD)),
            (f"{PAYROLL}.xml", made.cfdi40(PAYROLL, made.NOMINA12, efecto="N", total="7369.75", moneda="MXN")),
        ]
        report = await archive.ingest_xml_package(office.kemper, await put("a", a_zip(members)), "E")
        assert (report.new, report.refused) == (3, 0)
        page = await archive.search(office.alice, CfdiFilter(efecto=Efecto.RETENCION))
        assert [(row.folio_fiscal, row.efecto.label, row.total) for row in page.items] == [
            (CERTIFICATE, "Retenciones", Decimal("10000.00"))
        ]
        assert (await archive.get(office.alice, OLD)).version == "3.2"
        assert (await archive.xml(office.alice, CERTIFICATE)).content == members[0][1]


PAGO_MORE = (
    '<p:Pago FechaPago="2025-03-02T09:30:00" FormaDePagoP="02" MonedaP="MXN" Monto="7.00">'
    '<p:DoctoRelacionado IdDocumento="A1B2C3D4-0000-4000-8000-000000000009" MonedaDR="MXN"/></p:Pago></p:Pagos>'
)
