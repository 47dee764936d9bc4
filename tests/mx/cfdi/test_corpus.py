"""The invented year: valid by the official schema, sealed and stamped, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from subprocess import run

import pytest
from satcfdi.cfdi import CFDI

from acuse.mx.certificates import CertificateKind, SatCertificate
from acuse.mx.cfdi.cadena import cadena_original
from acuse.mx.cfdi.corpus import Corpus
from acuse.mx.cfdi.errors import SealInvalid
from acuse.mx.cfdi.header import read_header
from acuse.mx.cfdi.metadata import HEADER, MetadataRow, read_metadata
from acuse.mx.cfdi.reader import parse_xml
from acuse.mx.cfdi.seal import verify_seal, verify_stamp
from acuse.mx.rfc import Rfc
from tests.mx.cfdi.conftest import schema
from tests.support.cfdis import TAXPAYER, YEAR, a_corpus, issuers, some_xml


class TestDocuments:
    def test_all_are_valid_by_the_official_schema(self) -> None:
        for entry, xml in some_xml():
            assert schema().validate(parse_xml(xml)), (entry, schema().error_log)

    def test_all_are_sealed_by_their_issuer_and_stamped(self) -> None:
        for entry, xml in some_xml():
            root = parse_xml(xml)
            certificate = SatCertificate(verify_seal(root))
            assert (str(certificate.rfc), certificate.kind) == (entry.emisor_rfc, CertificateKind.CSD)
            verify_stamp(root, issuers().pac.certificate)

    def test_a_changed_document_does_not_verify(self) -> None:
        xml = some_xml()[0][1]
        root = parse_xml(xml)
        root.set("Total", "0.01")
        with pytest.raises(SealInvalid):
            verify_seal(root)

    def test_openssl_agrees_with_the_seal(self, tmp_path: Path) -> None:
        root = parse_xml(some_xml()[5][1])
        key = tmp_path / "key.pem"
        signature = tmp_path / "sello"
        key.write_bytes(run(["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"],
                            input=verify_seal(root).der, capture_output=True, check=True).stdout)  # fmt: skip
        sello = root.get("Sello") or ""
        signature.write_bytes(
            run(["openssl", "base64", "-d", "-A"], input=sello.encode(), capture_output=True, check=True).stdout
        )
        verified = run(
            ["openssl", "dgst", "-sha256", "-verify", key, "-signature", signature],
            input=cadena_original(root).encode(), capture_output=True, check=False,
        )  # fmt: skip
        assert verified.stdout == b"Verified OK\n"

    def test_another_reader_reads_the_same(self) -> None:
        for entry, xml in some_xml()[::10]:
            other = CFDI.from_string(xml)
            mine = read_header(xml)
            timbre = other["Complemento"]["TimbreFiscalDigital"]
            assert mine.uuid == timbre["UUID"] == entry.uuid
            assert (mine.total, mine.subtotal) == (other["Total"], other["SubTotal"])
            assert (mine.fecha, mine.fecha_timbrado) == (other["Fecha"], timbre["FechaTimbrado"])
            assert mine.emisor_nombre == other["Emisor"]["Nombre"]
            assert mine.receptor_rfc == other["Receptor"]["Rfc"]
            taxes = other.get("Impuestos") or {}
            assert mine.trasladados == taxes.get("TotalImpuestosTrasladados")
            assert mine.retenidos == taxes.get("TotalImpuestosRetenidos")

    def test_the_metadata_line_says_what_the_document_says(self) -> None:
        for entry, xml in some_xml():
            (row,) = read_metadata([f"{HEADER}\r\n{entry.metadata_line()}\r\n".encode()])
            assert isinstance(row, MetadataRow)
            header = read_header(xml)
            assert row[:6] == (
                header.uuid,
                header.emisor_rfc,
                header.emisor_nombre,
                header.receptor_rfc,
                header.receptor_nombre,
                header.rfc_pac,
            )
            assert (row.fecha, row.fecha_timbrado) == (header.fecha, header.fecha_timbrado)
            assert (row.total, row.efecto) == (header.total, header.efecto)


class TestYear:
    def test_the_size_is_what_was_asked(self) -> None:
        for size in (0, 1, 10, 13, 31, 240, 5_000):
            entries = a_corpus(240) if size == 240 else Corpus(taxpayer=TAXPAYER, year=YEAR, size=size)
            assert len({entry.uuid for entry in entries.entries()}) == size

    def test_equal_arguments_give_equal_documents(self) -> None:
        again = Corpus(taxpayer=TAXPAYER, year=YEAR, size=240, seed=7, issuers=issuers())
        assert again.entries() == a_corpus().entries()
        entry, xml = some_xml()[17]
        assert hashlib.sha256(again.xml(entry)).digest() == hashlib.sha256(xml).digest()

    def test_another_seed_gives_other_documents(self) -> None:
        other = Corpus(taxpayer=TAXPAYER, year=YEAR, size=240, seed=8)
        assert not {entry.uuid for entry in other.entries()} & {entry.uuid for entry in a_corpus().entries()}

    def test_it_has_what_a_year_has(self) -> None:
        entries = Corpus(taxpayer=TAXPAYER, year=YEAR, size=2_000).entries()
        assert {entry.fecha.month for entry in entries} == set(range(1, 13))
        assert Counter(entry.direction for entry in entries).keys() == {"E", "R"}
        assert Counter(entry.efecto for entry in entries).keys() == {"I", "E", "T", "P"}
        assert {"PUE", "PPD"} <= {entry.metodo_pago for entry in entries}
        assert {"MXN", "USD"} <= {entry.moneda for entry in entries}
        assert 0.01 < sum(entry.cancelado for entry in entries) / len(entries) < 0.1
        names = " ".join(entry.emisor_nombre + entry.receptor_nombre for entry in entries)
        assert "Ñ" in names
        assert "&" in names
        assert any(entry.tercero_rfc for entry in entries)
        assert all(Rfc.parse(entry.emisor_rfc) and Rfc.parse(entry.receptor_rfc) for entry in entries)

    def test_a_payment_pays_an_invoice_of_the_year(self) -> None:
        paid = [(entry, read_header(xml)) for entry, xml in some_xml() if entry.efecto == "P"]
        assert paid
        for entry, header in paid:
            assert header.pagado_mxn is not None
            assert header.pagado_mxn > Decimal(0)
            assert header.complementos == ("Pagos",)
            assert (entry.total, header.moneda) == (Decimal(0), "XXX")
