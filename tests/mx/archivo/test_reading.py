"""Reading single documents out of packages of every make, and showing them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any, cast

import pytest

from acuse.kernel.files import Files
from acuse.mx.archivo import ArchivoService, CfdiNotFound
from acuse.mx.archivo.service import DocumentosService
from acuse.mx.cfdi.errors import MemberUnreadable
from tests.mx.archivo.conftest import Office, Put
from tests.mx.archivo.test_payments import CERTIFICATE, OLD, PAYMENT, PAYROLL
from tests.support import documents as made
from tests.support.cfdis import a_zip

XML = made.cfdi40(PAYMENT, made.PAGOS20)
OTHER = made.cfdi32(OLD)


def stored() -> bytes:
    return a_zip([(f"{PAYMENT}.xml", XML), ("x.xml.xml", OTHER)], zipfile.ZIP_STORED)


def streamed() -> bytes:
    """Sizes behind the data, as a writer that cannot seek leaves them."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, some: Any) -> int:
            self.data += some
            return len(some)

    pipe = Pipe()
    with zipfile.ZipFile(cast("Any", pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{PAYMENT}.xml", XML)
        archive.writestr("x.xml.xml", OTHER)
    return bytes(pipe.data)


def extra() -> bytes:
    """Local headers with fields the directory does not have, folders and junk around."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._a.xml", b"junk")
        archive.writestr("carpeta/", b"")
        for name, content in ((f"carpeta/{PAYMENT.lower()}.XML", XML), ("y.xml", OTHER)):
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HHQ", 0x7075, 8, 1)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
        archive.comment = b"un comentario"
    return b"bytes de mas" + out.getvalue()


class TestXml:
    @pytest.mark.parametrize("make", [stored, streamed, extra])
    async def test_it_comes_byte_for_byte_out_of_any_zip(
        self, archive: ArchivoService, office: Office, put: Put, make: Callable[[], bytes]
    ) -> None:
        assert (await archive.ingest_xml_package(office.kemper, await put("a", make()), "E")).new == 2
        assert (await archive.xml(office.alice, PAYMENT)).content == XML
        assert (await archive.xml(office.alice, OLD.lower())).content == OTHER

    async def test_only_its_own_bytes_are_read(
        self, archive: ArchivoService, office: Office, put: Put, files: Files
    ) -> None:
        key = await put("a", stored())
        await archive.ingest_xml_package(office.kemper, key, "E")
        where = (await archive.get(office.alice, OLD)).xml
        assert where is not None
        assert (where.paquete_key, where.size_bytes, where.length) == (key, len(OTHER), len(OTHER))
        assert await files.get_range(key, where.offset, where.length) == OTHER

    @pytest.mark.parametrize("make", [stored, streamed])
    async def test_a_package_changed_since_is_told_and_not_handed_out(
        self, archive: ArchivoService, office: Office, put: Put, make: Callable[[], bytes]
    ) -> None:
        data = make()
        await archive.ingest_xml_package(office.kemper, await put("a", data), "E")
        middle = len(data) // 3
        await put("a", data[:middle] + bytes(len(data) - middle))
        with pytest.raises(MemberUnreadable):
            await archive.xml(office.alice, OLD)

    async def test_two_byte_letters_are_a_document_too(self, archive: ArchivoService, office: Office, put: Put) -> None:
        wide = XML.decode().replace("UTF-8", "UTF-16").encode("utf-16")
        await archive.ingest_xml_package(office.kemper, await put("a", a_zip([("a.xml", wide)])), "E")
        assert (await archive.xml(office.alice, PAYMENT)).content == wide


class TestReading:
    async def test_every_kind_can_be_read_and_printed(
        self, archive: ArchivoService, reading: DocumentosService, office: Office, put: Put
    ) -> None:
        kinds = {
            PAYMENT: XML,
            OLD: OTHER,
            CERTIFICATE: made.retencion20(CERTIFICATE),
            PAYROLL: made.cfdi40(PAYROLL, made.NOMINA12, efecto="N", total="7369.75", moneda="MXN"),
        }
        members = [(f"{uuid}.xml", xml) for uuid, xml in kinds.items()]
        await archive.ingest_xml_package(office.kemper, await put("a", a_zip(members)), "E")
        titles = {}
        for uuid in kinds:
            cfdi = await reading.read(office.bob, uuid)
            assert cfdi.printed is not None
            titles[uuid] = cfdi.printed.title
            assert (await reading.pdf(office.bob, uuid)).content.startswith(b"%PDF-")
        assert list(titles.values()) == ["Recibo de pago", "Factura", "Constancia de retenciones", "Recibo de nómina"]

    async def test_an_invoice_tells_its_payments_and_a_payment_what_it_pays(
        self, archive: ArchivoService, reading: DocumentosService, office: Office, put: Put
    ) -> None:
        invoice = made.cfdi40(made.INVOICE, efecto="I", total="1600.00", moneda="MXN")
        members = [(f"{PAYMENT}.xml", XML), (f"{made.INVOICE}.xml", invoice)]
        await archive.ingest_xml_package(office.kemper, await put("a", a_zip(members)), "E")
        (payment,) = (await reading.read(office.alice, made.INVOICE)).payments
        assert (payment.folio_fiscal, payment.parcialidad, f"{payment.insoluto}") == (PAYMENT, 2, "1000.00")
        paying = await reading.read(office.alice, PAYMENT)
        assert paying.has(made.INVOICE)
        assert not paying.has("A1B2C3D4-0000-4000-8000-000000000002")
        assert paying.payments == []

    async def test_charlie_reads_nothing_of_it(
        self, archive: ArchivoService, reading: DocumentosService, office: Office, put: Put
    ) -> None:
        await archive.ingest_xml_package(office.kemper, await put("a", stored()), "E")
        with pytest.raises(CfdiNotFound):
            await reading.read(office.charlie, PAYMENT)
        with pytest.raises(CfdiNotFound):
            await reading.pdf(office.charlie, PAYMENT)
