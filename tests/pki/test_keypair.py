from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from acuse.pki.errors import KeyDoesNotMatch
from acuse.pki.keypair import KeyPair
from tests.support.efirmas import PASSWORD, a_key, an_efirma


def test_a_pair_of_strangers_cannot_exist() -> None:
    with pytest.raises(KeyDoesNotMatch):
        KeyPair(an_efirma().pair.certificate, a_key(1))


def test_files_that_belong_together_open() -> None:
    files = an_efirma()
    assert KeyPair.open(files.cer, files.key, PASSWORD).certificate == files.pair.certificate


def test_files_of_two_errands_are_told_apart() -> None:
    with pytest.raises(KeyDoesNotMatch):
        KeyPair.open(an_efirma().cer, an_efirma(renewal=1).key, PASSWORD)


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_openssl_verifies_what_is_signed(digest: str, tmp_path: Path) -> None:
    pair = KeyPair.reopen(an_efirma().cer, a_key().to_der())
    (tmp_path / "cert.pem").write_text(pair.certificate.pem)
    (tmp_path / "text").write_bytes(b"||1.1|x||")
    signed = pair.sign_sha1(b"||1.1|x||") if digest == "sha1" else pair.sign_sha256(b"||1.1|x||")
    (tmp_path / "signature").write_bytes(signed)
    for command in (
        ["openssl", "x509", "-in", "cert.pem", "-pubkey", "-noout", "-out", "public.pem"],
        ["openssl", "dgst", f"-{digest}", "-verify", "public.pem", "-signature", "signature", "text"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
