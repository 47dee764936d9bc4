"""The signed request for a ticket, held against OpenSSL and the schema of the specification."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from acuse.ar.outside.arca.codes import WsaaFault
from acuse.ar.outside.arca.simulator.proof import open_proof
from acuse.ar.outside.arca.simulator.refusals import SimulatedArcaRefusal
from acuse.ar.outside.arca.wire import login_request, sign_cms
from tests.support.arca import a_company, company_ca
from tests.support.controladores import NOW, afip

TRUSTED = company_ca().authority.certificate


def verified_by_openssl(cms: bytes, folder: Path, authority: str) -> subprocess.CompletedProcess[bytes]:
    """Let OpenSSL verify a CMS and print what was signed."""
    (folder / "pedido.cms").write_bytes(cms)
    (folder / "autoridad.pem").write_text(authority)
    asked = ["openssl", "cms", "-verify", "-inform", "DER", "-in", str(folder / "pedido.cms"), "-purpose", "any"]
    asked += ["-CAfile", str(folder / "autoridad.pem"), "-attime", str(int(NOW.timestamp())), "-binary"]
    return subprocess.run(asked, capture_output=True, check=False, timeout=60)


class TestOpenssl:
    def test_openssl_finds_the_signature_good_and_the_text_whole(self, tmp_path: Path) -> None:
        text = login_request("arbccf", at=NOW)
        done = verified_by_openssl(sign_cms(text, a_company(), at=NOW), tmp_path, TRUSTED.pem)
        assert done.returncode == 0, done.stderr
        assert done.stdout == text

    def test_openssl_refuses_a_changed_text(self, tmp_path: Path) -> None:
        cms = sign_cms(login_request("arbccf", at=NOW), a_company(), at=NOW).replace(b"arbccf", b"arbccg")
        assert verified_by_openssl(cms, tmp_path, TRUSTED.pem).returncode != 0

    def test_openssl_refuses_another_authority(self, tmp_path: Path) -> None:
        cms = sign_cms(b"texto", a_company(), at=NOW)
        assert verified_by_openssl(cms, tmp_path, afip().root.certificate.pem).returncode != 0

    def test_our_simulator_takes_what_openssl_signs(self, tmp_path: Path) -> None:
        pair = a_company()
        (tmp_path / "c.pem").write_text(pair.certificate.pem)
        (tmp_path / "k.pem").write_text(pair.private_key.to_encrypted_pem("clave"))
        (tmp_path / "t.xml").write_bytes(b"texto")
        asked = ["openssl", "cms", "-sign", "-nodetach", "-binary", "-outform", "DER", "-in", str(tmp_path / "t.xml")]
        asked += ["-signer", str(tmp_path / "c.pem"), "-inkey", str(tmp_path / "k.pem"), "-passin", "pass:clave"]
        made = subprocess.run(asked, capture_output=True, check=True, timeout=60).stdout
        assert open_proof(made, trusted=TRUSTED, at=NOW).text == b"texto"


class TestProof:
    @given(text=st.binary(max_size=3000), seconds=st.integers(0, 10**8))
    def test_what_is_signed_is_opened(self, text: bytes, seconds: int) -> None:
        cms = sign_cms(text, a_company(), at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
        assert open_proof(cms, trusted=TRUSTED, at=NOW).text == text

    @pytest.mark.parametrize("change", [0x01, 0x02, 0x20, 0x80, 0xFF])
    def test_no_byte_can_be_changed_unnoticed(self, change: int) -> None:
        whole = sign_cms(b"un pedido", a_company(), at=NOW)
        signer = a_company().certificate.public_key.public_numbers()
        for place in range(len(whole)):
            cms = bytearray(whole)
            cms[place] ^= change
            try:
                opened = open_proof(bytes(cms), trusted=TRUSTED, at=NOW)
            except SimulatedArcaRefusal:
                continue
            assert opened.text == b"un pedido"
            assert opened.certificate.public_key.public_numbers() == signer

    @given(junk=st.binary(max_size=200))
    def test_junk_is_refused_with_a_fault(self, junk: bytes) -> None:
        with pytest.raises(SimulatedArcaRefusal):
            open_proof(junk, trusted=TRUSTED, at=NOW)

    def test_certificate_from_the_future_has_its_own_fault(self) -> None:
        cms = sign_cms(b"x", a_company(age_days=-5), at=NOW)
        with pytest.raises(SimulatedArcaRefusal) as caught:
            open_proof(cms, trusted=TRUSTED, at=NOW)
        assert caught.value.name == WsaaFault.CERT_INVALID.value


def test_request_says_when_and_for_what() -> None:
    root = etree.fromstring(login_request("arbccf", at=NOW, destination="cn=wsaahomo"))
    assert [each.tag for each in root.iter()] == [
        "loginTicketRequest",
        "header",
        "destination",
        "uniqueId",
        "generationTime",
        "expirationTime",
        "service",
    ]
    assert root.findtext("header/generationTime") == "2026-03-02T14:50:00-03:00"
    assert root.findtext("header/expirationTime") == "2026-03-02T15:10:00-03:00"
    assert 0 <= int(root.findtext("header/uniqueId") or -1) < 2**32
