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
from acuse.mx.cfdi.corpus import Corpus, RetencionesCorpus, Taxpayer
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


class TestOtherYears:
    @pytest.mark.parametrize(
        ("year", "versions"), [(2016, {"3.2"}), (2017, {"3.2", "3.3"}), (2021, {"3.3"}), (2022, {"3.3", "4.0"})]
    )
    def test_each_issuer_writes_the_version_of_the_time(self, year: int, versions: set[str]) -> None:
        corpus = Corpus(taxpayer=TAXPAYER, year=year, size=110, issuers=issuers())
        seen = set()
        for entry, xml in corpus.documents():
            root = parse_xml(xml)
            version = root.get("Version") or root.get("version") or ""
            assert schema(version).validate(root), (entry, schema(version).error_log)
            verify_seal(root)
            verify_stamp(root, issuers().pac.certificate)
            seen.add(version)
        assert seen == versions

    def test_payroll_and_payments_came_with_3_3(self) -> None:
        kinds = {
            year: {entry.efecto for entry in Corpus(taxpayer=TAXPAYER, year=year, size=400).entries()}
            for year in (2016, 2018)
        }
        assert kinds == {2016: {"I", "E", "T"}, 2018: {"I", "E", "T", "P", "N"}}


class TestRetenciones:
    corpus = RetencionesCorpus(taxpayer=TAXPAYER, year=YEAR, size=60, issuers=issuers())

    def test_all_are_valid_sealed_and_stamped(self) -> None:
        for entry, xml in self.corpus.documents():
            root = parse_xml(xml)
            assert schema("2.0").validate(root), (entry, schema("2.0").error_log)
            verify_seal(root)
            verify_stamp(root, issuers().pac.certificate)
            assert next(root.iter("{*}TimbreFiscalDigital")).get("UUID") == entry.uuid

    def test_there_are_issued_and_received_ones_and_some_go_abroad(self) -> None:
        entries = self.corpus.entries()
        assert len({entry.uuid for entry in entries}) == 60
        assert {entry.direction for entry in entries} == {"E", "R"}
        assert "XEXX010101000" in {entry.receptor_rfc for entry in entries}
        assert self.corpus.find(entries[7].uuid) == entries[7]


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
        assert Counter(entry.efecto for entry in entries).keys() == {"I", "E", "T", "P", "N"}
        assert {name for entry in entries for name in entry.complementos} == {"Pagos", "Nomina", "CartaPorte"}
        assert {"PUE", "PPD"} <= {entry.metodo_pago for entry in entries}
        assert {"MXN", "USD"} <= {entry.moneda for entry in entries}
        assert 0.01 < sum(entry.cancelado for entry in entries) / len(entries) < 0.1
        names = " ".join(entry.emisor_nombre + entry.receptor_nombre for entry in entries)
        assert "Ñ" in names
        assert "&" in names
        assert any(entry.tercero_rfc for entry in entries)
        assert all(Rfc.parse(entry.emisor_rfc) and Rfc.parse(entry.receptor_rfc) for entry in entries)

    def test_a_document_is_found_by_its_uuid_alone(self) -> None:
        corpus = Corpus(taxpayer=TAXPAYER, year=YEAR, size=2_000)
        for entry in corpus.entries()[::50]:
            assert corpus.find(entry.uuid.lower()) == entry
        other = Corpus(taxpayer=TAXPAYER, year=YEAR, size=2_000, seed=2).entries()
        assert [corpus.find(entry.uuid) for entry in other[::50]] == [None] * 40
        assert corpus.find("no uuid") is None

    def test_what_one_issues_to_a_partner_is_the_same_for_both(self) -> None:
        partner = Taxpayer(rfc="ZUÑ920208KL4", nombre="ZAPATERÍA URTADO ÑERI")
        entries = Corpus(taxpayer=TAXPAYER, year=YEAR, size=300, partner=partner).entries()
        assert {(entry.emisor_rfc, entry.receptor_rfc) for entry in entries} == {(TAXPAYER.rfc, partner.rfc)}
        assert {entry.efecto for entry in entries} == {"I", "E", "T", "P"}

    def test_a_payment_pays_an_invoice_of_the_year(self) -> None:
        paid = [(entry, read_header(xml)) for entry, xml in some_xml() if entry.efecto == "P"]
        assert paid
        for entry, header in paid:
            assert header.pagado_mxn is not None
            assert header.pagado_mxn > Decimal(0)
            assert header.complementos == ("Pagos",)
            assert (entry.total, header.moneda) == (Decimal(0), "XXX")
