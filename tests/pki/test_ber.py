"""BER as some programs write PKCS#12: indefinite lengths, strings in pieces."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.pki import der
from acuse.pki.ber import definite
from acuse.pki.pkcs12 import is_pkcs12
from acuse.pki.private_key import open_private_key
from tests.support.efirmas import an_efirma

PIECE = 100


def loosen(data: bytes) -> bytes:
    """Write an element again with indefinite lengths and its octet strings in pieces, to the last level."""
    element = der.read(data)
    if element.tag & 0x20:
        return bytes((element.tag, 0x80)) + b"".join(loosen(child.raw) for child in element.children()) + b"\0\0"
    if element.tag == der.OCTET_STRING and len(element.content) > PIECE:
        pieces = [element.content[at : at + PIECE] for at in range(0, len(element.content), PIECE)]
        return b"\x24\x80" + b"".join(der.write(der.OCTET_STRING, piece) for piece in pieces) + b"\0\0"
    return element.raw


@pytest.fixture
def pfx(tmp_path: Path) -> bytes:
    """The e.firma as openssl packs it."""
    pair = an_efirma().pair
    (tmp_path / "key.pem").write_text(pair.private_key.to_encrypted_pem("de prueba"))
    (tmp_path / "cert.pem").write_text(pair.certificate.pem)
    run = ["openssl", "pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "x.pfx"]
    subprocess.run([*run, "-passin", "pass:de prueba", "-passout", "pass:abc"], cwd=tmp_path, check=True)
    return (tmp_path / "x.pfx").read_bytes()


def test_a_pfx_in_indefinite_form_gives_its_key(pfx: bytes, tmp_path: Path) -> None:
    loose = loosen(pfx)
    assert loose != pfx
    (tmp_path / "loose.pfx").write_bytes(loose)
    read = ["openssl", "pkcs12", "-in", "loose.pfx", "-passin", "pass:abc", "-nodes", "-nocerts"]
    assert b"PRIVATE KEY" in subprocess.run(read, cwd=tmp_path, check=True, capture_output=True).stdout
    assert is_pkcs12(loose)
    key = open_private_key(loose, "abc")
    assert key.public_key.public_numbers() == an_efirma().pair.certificate.public_key.public_numbers()


def test_der_passes_unchanged(pfx: bytes) -> None:
    assert definite(pfx) == pfx
    assert definite(loosen(pfx)) == pfx


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x80\x02\x01\x01",
        b"\x04\x80\x00\x00",
        b"\x24\x80\x02\x01\x01\x00\x00",
        b"\x1f\x81\x00",
        b"\x30\x80" * 100,
    ],
)
def test_what_is_broken_is_told(bad: bytes) -> None:
    with pytest.raises(der.BadDer):
        definite(bad)


@given(st.binary(max_size=200))
def test_junk_is_read_or_refused_and_nothing_else(junk: bytes) -> None:
    try:
        told = definite(junk)
    except der.BadDer:
        return
    assert definite(told) == told
