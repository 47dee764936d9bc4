from __future__ import annotations

import base64
import itertools
import subprocess
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from acuse.pki import der, extensions, names
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate, UnsupportedKey
from acuse.pki.extensions import KeyUsage
from acuse.pki.lookalike import CertificateAuthority
from acuse.pki.names import Attribute
from tests.support.efirmas import ISSUED_AT, PERSON, a_key, an_efirma, lookalike_ca, other_ca

UNTIL = ISSUED_AT + timedelta(days=30)


def issue(*subject: Attribute, serial: int = 7, written: tuple[bytes, ...] = ()) -> Certificate:
    return lookalike_ca().authority.issue(
        subject, a_key().public_key, serial=serial, not_before=ISSUED_AT, not_after=UNTIL, extensions=written
    )


class TestLoading:
    def test_der_pem_and_base64_are_the_same_certificate(self) -> None:
        original = an_efirma().pair.certificate
        wrapped = base64.encodebytes(original.der)
        for form in (original.der, original.pem.encode(), wrapped, base64.b64encode(original.der)):
            assert Certificate.load(form) == original

    def test_text_around_the_pem_and_windows_line_ends_are_forgiven(self) -> None:
        original = an_efirma().pair.certificate
        text = "\ufeffBag Attributes\r\n  friendlyName: x\r\n" + original.pem.replace("\n", "\r\n")
        assert Certificate.load(text.encode()) == original

    @pytest.mark.parametrize("data", [b"", b"\x30", b"hola", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----"])
    def test_anything_else_is_not_a_certificate(self, data: bytes) -> None:
        with pytest.raises(NotACertificate):
            Certificate.load(data)

    def test_a_private_key_is_not_a_certificate(self) -> None:
        with pytest.raises(NotACertificate):
            Certificate.load(an_efirma().key)

    @given(st.binary(max_size=400))
    def test_junk_never_crashes_the_reader(self, data: bytes) -> None:
        with pytest.raises(NotACertificate):
            Certificate.load(data)

    @given(st.data())
    def test_a_damaged_certificate_reads_or_is_refused(self, data: st.DataObject) -> None:
        damaged = bytearray(an_efirma().cer)
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(damaged)))
        for form in (bytes(damaged), bytes(damaged[:cut])):
            try:
                found = Certificate.load(form)
                assert isinstance(found.number + found.subject.rfc4514 + found.issuer.rfc4514, str)
                assert found.public_key
            except (NotACertificate, UnsupportedKey):
                continue


class TestWhatItSays:
    def test_openssl_reads_the_same(self, tmp_path: Path) -> None:
        files = an_efirma()
        (tmp_path / "x.cer").write_bytes(files.cer)
        shown = subprocess.run(
            [
                "openssl",
                "x509",
                "-inform",
                "DER",
                "-in",
                "x.cer",
                "-noout",
                "-serial",
                "-dates",
                "-fingerprint",
                "-sha256",
                "-subject",
                "-nameopt",
                "utf8,-esc_msb,sep_multiline",
            ],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        certificate = Certificate.load(files.cer)
        assert f"serial={certificate.serial_number:X}" in shown
        assert certificate.sha256.upper() in shown.replace(":", "")
        assert f"notAfter={certificate.not_after:%b %e %H:%M:%S %Y} GMT" in shown
        assert f"CN={PERSON.name}" in shown

    def test_the_number_is_the_ascii_of_the_serial(self) -> None:
        serial = 292233162870206001759766198462772978647764840757
        certificate = issue(serial=serial)
        assert certificate.serial_number == serial
        assert certificate.number == "30001000000500003415"

    @pytest.mark.parametrize("serial", [-7, 0, 7, 2**159, 2**200])
    def test_another_serial_is_shown_as_it_is(self, serial: int) -> None:
        assert issue(serial=serial).number == str(serial)

    def test_validity_includes_both_ends(self) -> None:
        certificate = issue()
        second = timedelta(seconds=1)
        assert certificate.is_valid_at(ISSUED_AT)
        assert certificate.is_valid_at(UNTIL)
        assert not certificate.is_valid_at(ISSUED_AT - second)
        assert not certificate.is_valid_at(UNTIL + second)

    def test_a_certificate_without_extensions_is_silent_about_its_use(self) -> None:
        certificate = issue()
        assert certificate.key_usage is None
        assert certificate.extended_key_usages == frozenset()
        assert not certificate.extensions.is_ca

    def test_the_issuer_is_a_ca_that_signs_certificates(self) -> None:
        root = lookalike_ca().certificate
        assert root.extensions.is_ca
        assert root.key_usage == KeyUsage.KEY_CERT_SIGN | KeyUsage.CRL_SIGN

    def test_all_nine_usages_have_their_bit(self) -> None:
        usage = KeyUsage(0xFF)
        written = extensions.write_extension(extensions.KEY_USAGE, extensions.write_key_usage(usage))
        assert issue(written=(written,)).key_usage == usage

    def test_a_key_that_is_not_rsa_is_named_so(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
        made = x509.CertificateBuilder(name, name, key.public_key(), 7, ISSUED_AT, UNTIL).sign(key, hashes.SHA256())
        with pytest.raises(UnsupportedKey):
            _ = Certificate.load(made.public_bytes(Encoding.DER)).public_key


class TestOddNames:
    """Certificates that `cryptography` cannot load, or loads without being able to tell whose they are."""

    CASES = tuple(
        itertools.product(
            ("ÑANDÚ", "H&E951128469", "ÑANDÚ & OTOÑO"),
            (der.T61_STRING, der.PRINTABLE_STRING, der.IA5_STRING, der.BMP_STRING, der.UTF8_STRING),
        )
    )

    @pytest.mark.parametrize(("text", "tag"), CASES)
    def test_the_whole_certificate_is_read(self, text: str, tag: int) -> None:
        made = issue(Attribute(names.COMMON_NAME, text, tag), Attribute(names.UNIQUE_IDENTIFIER, text, tag))
        read = Certificate.load(made.der)
        assert read.subject.get(names.UNIQUE_IDENTIFIER) == text
        assert read.verify_issued_by(lookalike_ca().certificate)
        assert read.public_key.public_numbers() == a_key().public_key.public_numbers()

    def test_at_least_one_of_them_is_refused_by_the_library(self) -> None:
        refused = 0
        for text, tag in self.CASES:
            made = issue(Attribute(names.COMMON_NAME, text, tag))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    _ = x509.load_der_x509_certificate(made.der).subject
            except ValueError:
                refused += 1
        assert refused >= 3, "the own reader may have become needless"

    def test_a_country_of_three_letters_and_an_overlong_name_are_read(self) -> None:
        made = issue(Attribute(names.COUNTRY, "MEX"), Attribute(names.COMMON_NAME, "x" * 300))
        assert Certificate.load(made.der).subject.get(names.COMMON_NAME) == "x" * 300


class TestIssuer:
    def test_the_true_issuer_is_recognized(self) -> None:
        assert an_efirma().pair.certificate.verify_issued_by(lookalike_ca().certificate)

    def test_an_issuer_of_the_same_name_with_another_key_is_not(self) -> None:
        assert not an_efirma().pair.certificate.verify_issued_by(other_ca().certificate)

    def test_an_issuer_of_another_name_with_the_same_key_is_not(self) -> None:
        authority = CertificateAuthority.create(
            [Attribute(names.COMMON_NAME, "Otra")], serial=1, not_before=ISSUED_AT, not_after=UNTIL
        )
        made = authority.issue((), a_key().public_key, serial=2, not_before=ISSUED_AT, not_after=UNTIL)
        assert made.verify_issued_by(authority.certificate)
        assert not made.verify_issued_by(lookalike_ca().certificate)

    def test_openssl_agrees(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text(lookalike_ca().certificate.pem)
        (tmp_path / "x.pem").write_text(an_efirma().pair.certificate.pem)
        at = str(int(datetime(2025, 6, 1, tzinfo=UTC).timestamp()))
        subprocess.run(
            ["openssl", "verify", "-attime", at, "-CAfile", "ca.pem", "x.pem"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
