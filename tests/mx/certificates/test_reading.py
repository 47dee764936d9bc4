from __future__ import annotations

from dataclasses import replace

import pytest

from acuse.mx.certificates import CertificateKind, CertificateWithoutRfc, SatCertificate
from acuse.mx.certificates.lookalike import NameSpelling
from acuse.mx.rfc import Rfc
from acuse.pki import extensions, names
from acuse.pki.certificate import Certificate
from acuse.pki.extensions import KeyUsage
from acuse.pki.names import Attribute
from tests.support.efirmas import (
    COMPANY,
    ENYE_AND_AMPERSAND,
    ISSUED_AT,
    NOW,
    PERSON,
    a_csd,
    a_key,
    an_efirma,
    lookalike_ca,
)


def read(data: bytes) -> SatCertificate:
    return SatCertificate.load(data)


def of(subject: list[Attribute], *written: bytes) -> SatCertificate:
    authority = lookalike_ca().authority
    made = authority.issue(
        subject, a_key().public_key, serial=7, not_before=ISSUED_AT, not_after=NOW, extensions=written
    )
    return SatCertificate(made)


class TestKind:
    def test_an_efirma_is_told_from_a_csd(self) -> None:
        assert read(an_efirma().cer).kind is CertificateKind.EFIRMA
        assert read(a_csd().cer).kind is CertificateKind.CSD

    def test_they_have_the_shape_the_sat_gives_them(self) -> None:
        efirma, csd = Certificate.load(an_efirma().cer), Certificate.load(a_csd().cer)
        assert (efirma.key_usage, csd.key_usage) == (KeyUsage(0xD8), KeyUsage(0xC0))
        assert (len(efirma.extensions.oids), len(csd.extensions.oids)) == (4, 2)
        assert efirma.extended_key_usages == {extensions.CLIENT_AUTH, extensions.EMAIL_PROTECTION}
        assert csd.extended_key_usages == frozenset()
        assert efirma.subject.get(names.ORGANIZATIONAL_UNIT) is None
        assert read(a_csd().cer).branch == "Matriz"

    def test_a_branch_name_alone_does_not_make_a_csd(self) -> None:
        usage = extensions.write_key_usage(KeyUsage(0xD8))
        purposes = extensions.write_purposes(extensions.EMAIL_PROTECTION, extensions.CLIENT_AUTH)
        made = of(
            [Attribute(names.ORGANIZATIONAL_UNIT, "Matriz")],
            extensions.write_extension(extensions.KEY_USAGE, usage),
            extensions.write_extension(extensions.EXTENDED_KEY_USAGE, purposes),
        )
        assert made.kind is CertificateKind.EFIRMA

    def test_the_issuer_itself_and_a_silent_certificate_are_neither(self) -> None:
        assert SatCertificate(lookalike_ca().certificate).kind is CertificateKind.OTHER
        assert of([]).kind is CertificateKind.OTHER


class TestWhose:
    def test_a_natural_person(self) -> None:
        found = read(an_efirma(PERSON).cer)
        assert (found.rfc, found.curp) == (PERSON.rfc, PERSON.curp)
        assert (found.representative_rfc, found.representative_curp) == (None, None)
        assert found.holder_name == PERSON.name

    def test_a_company_and_its_representative(self) -> None:
        found = read(an_efirma(COMPANY).cer)
        assert (found.rfc, found.curp) == (COMPANY.rfc, None)
        assert found.representative_rfc == COMPANY.representative_rfc
        assert found.representative_curp == COMPANY.representative_curp

    @pytest.mark.parametrize("spelling", NameSpelling)
    def test_enye_and_ampersand_in_every_spelling(self, spelling: NameSpelling) -> None:
        found = read(an_efirma(ENYE_AND_AMPERSAND, spelling=spelling).cer)
        assert found.rfc == ENYE_AND_AMPERSAND.rfc
        assert found.representative_rfc == ENYE_AND_AMPERSAND.representative_rfc
        assert found.holder_name == ENYE_AND_AMPERSAND.name

    @pytest.mark.parametrize("text", ["", "  ", "/ COSC8001137NA", "HOLA", "SERIAL 123"])
    def test_a_certificate_without_a_readable_rfc_says_so(self, text: str) -> None:
        with pytest.raises(CertificateWithoutRfc):
            _ = of([Attribute(names.UNIQUE_IDENTIFIER, text)]).rfc

    def test_lower_case_and_odd_spaces_are_forgiven(self) -> None:
        found = of([Attribute(names.UNIQUE_IDENTIFIER, " eku9003173c9/cosc8001137na ")])
        assert found.rfc == Rfc("EKU9003173C9")
        assert found.representative_rfc == Rfc("COSC8001137NA")


class TestNumber:
    def test_it_has_twenty_digits_and_no_two_are_equal(self) -> None:
        numbers = {read(files.cer).number for files in (an_efirma(), an_efirma(COMPANY), a_csd())}
        assert len(numbers) == 3
        assert all(len(number) == 20 and number.isdigit() for number in numbers)

    def test_validity_is_four_years(self) -> None:
        found = read(an_efirma().cer)
        assert found.not_after == found.not_before.replace(year=found.not_before.year + 4)


def test_a_holder_without_a_curp_has_none() -> None:
    nobody = replace(PERSON, curp=None)
    assert read(an_efirma(nobody).cer).curp is None
