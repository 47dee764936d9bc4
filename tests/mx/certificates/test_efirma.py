from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from acuse.kernel.errors import InvalidInput
from acuse.mx.certificates import FILE_LIMIT_BYTES, CertificateWithoutRfc, open_efirma
from acuse.mx.certificates import errors as e
from acuse.mx.certificates.lookalike import KeyEncryption
from acuse.pki import errors as pki
from tests.support.efirmas import (
    COMPANY,
    ENYE_AND_AMPERSAND,
    ISSUED_AT,
    NOW,
    PASSWORD,
    PERSON,
    a_csd,
    a_foreign_efirma,
    a_future_efirma,
    a_key,
    an_efirma,
    an_expired_efirma,
    lookalike_ca,
)

GOOD = an_efirma


def refusal(cer: bytes, key: bytes, password: str = PASSWORD) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        open_efirma(cer, key, password, at=NOW, expected=PERSON.rfc, issuers=[lookalike_ca().certificate])
    return refused.value


class TestGood:
    def test_it_opens_and_signs(self) -> None:
        opened = open_efirma(GOOD().cer, GOOD().key, PASSWORD, at=NOW, expected=PERSON.rfc)
        assert opened.certificate.rfc == PERSON.rfc
        assert opened.pair.sign_sha1(b"x") == GOOD().pair.sign_sha1(b"x")

    def test_files_in_each_others_place_are_put_right(self) -> None:
        assert open_efirma(GOOD().key, GOOD().cer, PASSWORD, at=NOW).certificate.rfc == PERSON.rfc

    def test_enye_ampersand_and_the_newer_encryption(self) -> None:
        files = lookalike_ca().issue_efirma(
            ENYE_AND_AMPERSAND, not_before=ISSUED_AT, password=PASSWORD, encryption=KeyEncryption.AES256, key=a_key()
        )
        opened = open_efirma(files.cer, files.key, PASSWORD.encode("latin-1"), at=NOW, expected=ENYE_AND_AMPERSAND.rfc)
        assert opened.certificate.rfc == ENYE_AND_AMPERSAND.rfc

    def test_pem_files_and_an_unencrypted_key_are_taken(self) -> None:
        pem = GOOD().pair.certificate.pem.encode()
        assert open_efirma(pem, a_key().to_der(), None, at=NOW).certificate.rfc == PERSON.rfc

    def test_the_issuer_is_asked_only_when_one_is_trusted(self) -> None:
        foreign = a_foreign_efirma()
        assert open_efirma(foreign.cer, foreign.key, PASSWORD, at=NOW).certificate.rfc == PERSON.rfc


class TestRefused:
    def test_a_csd(self) -> None:
        assert isinstance(refusal(a_csd().cer, a_csd().key), e.CsdInsteadOfEfirma)

    def test_a_certificate_for_something_else(self) -> None:
        assert isinstance(refusal(lookalike_ca().certificate.der, GOOD().key), e.NotAnEfirma)

    def test_of_another_taxpayer(self) -> None:
        fault = refusal(an_efirma(COMPANY).cer, GOOD().key)
        assert isinstance(fault, e.EfirmaOfAnotherRfc)
        assert "EKU9003173C9" in fault.text
        assert "COSC8001137NA" in fault.text

    def test_expired_and_says_since_when(self) -> None:
        fault = refusal(an_expired_efirma().cer, an_expired_efirma().key)
        assert isinstance(fault, e.EfirmaExpired)
        assert f"{an_expired_efirma().pair.certificate.not_after:%d/%m/%Y}" in fault.text

    def test_not_yet_valid(self) -> None:
        assert isinstance(refusal(a_future_efirma().cer, a_future_efirma().key), e.EfirmaNotYetValid)

    def test_of_an_unknown_issuer_when_one_is_trusted(self) -> None:
        assert isinstance(refusal(a_foreign_efirma().cer, a_foreign_efirma().key), e.EfirmaIssuerUnknown)

    def test_a_key_of_another_errand(self) -> None:
        assert isinstance(refusal(GOOD().cer, an_efirma(renewal=1).key), pki.KeyDoesNotMatch)

    def test_a_wrong_and_a_missing_password(self) -> None:
        assert isinstance(refusal(GOOD().cer, GOOD().key, "otra"), pki.WrongKeyPassword)
        assert isinstance(refusal(GOOD().cer, GOOD().key, ""), pki.KeyPasswordMissing)

    def test_a_document_in_either_place(self) -> None:
        assert isinstance(refusal(b"%PDF-1.7", GOOD().key), pki.NotACertificate)
        assert isinstance(refusal(GOOD().cer, b"%PDF-1.7"), pki.NotAPrivateKey)

    def test_two_certificates_and_two_keys(self) -> None:
        assert isinstance(refusal(GOOD().cer, a_csd().cer), e.CertificateInsteadOfKey)
        assert isinstance(refusal(GOOD().key, GOOD().key), e.KeyInsteadOfCertificate)

    def test_an_empty_and_a_huge_file_name_the_field(self) -> None:
        assert refusal(b"", GOOD().key).fields.keys() == {"cer"}
        assert refusal(GOOD().cer, b"").code == "FILE_EMPTY"
        huge = refusal(GOOD().cer, b"0" * (FILE_LIMIT_BYTES + 1))
        assert (huge.code, list(huge.fields)) == ("FILE_TOO_LARGE", ["key"])

    def test_without_an_rfc(self) -> None:
        authority = lookalike_ca().authority
        # The e.firma's own extensions, taken over byte by byte, over a subject that names nobody.
        fields = GOOD().pair.certificate
        made = authority.issue(
            (),
            a_key().public_key,
            serial=7,
            not_before=ISSUED_AT,
            not_after=fields.not_after,
            extensions=lookalike_ca().efirma_extensions,
        )
        assert isinstance(refusal(made.der, GOOD().key), CertificateWithoutRfc)

    def test_no_refusal_holds_the_password_or_the_key(self) -> None:
        for fault in (
            refusal(GOOD().cer, an_efirma(renewal=1).key),
            refusal(GOOD().cer, GOOD().key, "secreto-muy-secreto"),
            refusal(a_csd().cer, a_csd().key),
        ):
            told = f"{fault} {fault.details} {fault!r}"
            assert "secreto-muy-secreto" not in told
            assert PASSWORD not in told


def test_nothing_is_written_to_disk(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        open_efirma(GOOD().cer, GOOD().key, PASSWORD, at=NOW)
    assert list(tmp_path.iterdir()) == []
