from __future__ import annotations

import base64
import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.errors import InvalidInput
from acuse.pki import der
from acuse.pki.errors import KeyPasswordMissing, KeyTooCostly, NotAPrivateKey, UnsupportedKey, WrongKeyPassword
from acuse.pki.lookalike import encrypt_key_3des, encrypt_key_aes256
from acuse.pki.private_key import PrivateKey, check_sha1, is_private_key, open_private_key
from tests.support.efirmas import a_key, an_efirma

SECRET = "clave Ñandú 1"


def same(one: PrivateKey, other: PrivateKey) -> bool:
    return one.public_key.public_numbers() == other.public_key.public_numbers()


def openssl(*arguments: str, cwd: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    (tmp_path / "plain.der").write_bytes(a_key().to_der())
    (tmp_path / "cert.pem").write_text(an_efirma().pair.certificate.pem)
    return tmp_path


class TestForms:
    @pytest.mark.parametrize("encrypt", [encrypt_key_3des, encrypt_key_aes256])
    def test_the_files_of_the_sat_open(self, encrypt: Callable[[PrivateKey, bytes], bytes]) -> None:
        assert same(open_private_key(encrypt(a_key(), SECRET.encode()), SECRET), a_key())

    def test_openssl_opens_what_we_encrypt(self, plain: Path) -> None:
        for number, encrypt in enumerate((encrypt_key_3des, encrypt_key_aes256)):
            (plain / "x.key").write_bytes(encrypt(a_key(), b"12345678a"))
            openssl("pkcs8", "-inform", "DER", "-in", "x.key", "-passin", "pass:12345678a", "-out", "x.pem", cwd=plain)
            openssl("rsa", "-in", "x.pem", "-check", "-noout", cwd=plain)
            assert same(open_private_key((plain / "x.pem").read_bytes(), None), a_key()), number

    @pytest.mark.parametrize("scheme", [("-v2", "des3"), ("-v2", "aes256"), ("-v1", "PBE-SHA1-3DES")])
    def test_what_openssl_encrypts_opens(self, plain: Path, scheme: tuple[str, str]) -> None:
        out = ("-topk8", "-inform", "DER", "-in", "plain.der", "-passout", "pass:12345678a", "-out", "x.key")
        openssl("pkcs8", *out, "-outform", "DER", *scheme, cwd=plain)
        data = (plain / "x.key").read_bytes()
        assert same(open_private_key(data, "12345678a"), a_key())
        with pytest.raises(WrongKeyPassword):
            open_private_key(data, "12345678b")

    def test_unencrypted_pkcs8_and_pkcs1_open_whatever_the_password(self, plain: Path) -> None:
        openssl("rsa", "-inform", "DER", "-in", "plain.der", "-traditional", "-out", "pkcs1.pem", cwd=plain)
        openssl("rsa", "-in", "pkcs1.pem", "-traditional", "-outform", "DER", "-out", "pkcs1.der", cwd=plain)
        pkcs1_pem = (plain / "pkcs1.pem").read_bytes()
        assert b"BEGIN RSA PRIVATE KEY" in pkcs1_pem
        for data in (a_key().to_der(), pkcs1_pem, (plain / "pkcs1.der").read_bytes()):
            for password in (None, "", "algo"):
                assert same(open_private_key(data, password), a_key())

    def test_base64_and_text_around_the_pem_are_forgiven(self) -> None:
        pem = a_key().to_encrypted_pem(SECRET)
        assert "BEGIN ENCRYPTED PRIVATE KEY" in pem
        for data in (b"Bag Attributes\r\n" + pem.encode(), base64.encodebytes(encrypt_key_3des(a_key(), b"x"))):
            assert same(open_private_key(data, SECRET if data.startswith(b"Bag") else "x"), a_key())

    @pytest.mark.parametrize("legacy", [(), ("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES")])
    def test_a_pfx_gives_its_key(self, plain: Path, legacy: tuple[str, ...]) -> None:
        openssl("rsa", "-inform", "DER", "-in", "plain.der", "-out", "plain.pem", cwd=plain)
        files = ("-inkey", "plain.pem", "-in", "cert.pem", "-out", "x.pfx", "-passout", "pass:ábc")
        openssl("pkcs12", "-export", *files, *legacy, cwd=plain)
        data = (plain / "x.pfx").read_bytes()
        assert same(open_private_key(data, "ábc"), a_key())
        with pytest.raises(WrongKeyPassword):
            open_private_key(data, "abc")

    def test_a_key_of_another_kind_is_named_so(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(UnsupportedKey):
            open_private_key(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), None)


class TestPasswords:
    def test_a_password_typed_in_latin_1_opens(self) -> None:
        data = encrypt_key_3des(a_key(), SECRET.encode("latin-1"))
        assert same(open_private_key(data, SECRET), a_key())
        assert same(open_private_key(data, SECRET.encode()), a_key())
        assert same(open_private_key(data, SECRET.encode("latin-1")), a_key())

    @pytest.mark.parametrize("password", ["otra", SECRET + " ", SECRET.upper(), "日本語", "x" * 5000, "\ud800"])
    def test_a_wrong_password_is_told_as_such(self, password: str) -> None:
        with pytest.raises(WrongKeyPassword):
            open_private_key(encrypt_key_3des(a_key(), SECRET.encode()), password)

    @pytest.mark.parametrize("password", [None, "", b""])
    def test_a_missing_password_is_told_as_such(self, password: str | bytes | None) -> None:
        with pytest.raises(KeyPasswordMissing):
            open_private_key(encrypt_key_3des(a_key(), SECRET.encode()), password)

    def test_no_wrong_password_out_of_six_hundred_is_taken_for_a_broken_file(self) -> None:
        data = encrypt_key_3des(a_key(), SECRET.encode(), rounds=1)
        for number in range(600):
            with pytest.raises(WrongKeyPassword):
                open_private_key(data, f"{number}", validate=False)


class TestJunk:
    @pytest.mark.parametrize(
        "data", [b"", b"hola", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"-----BEGIN PRIVATE KEY-----"]
    )
    def test_anything_else_is_not_a_private_key(self, data: bytes) -> None:
        assert not is_private_key(data)
        with pytest.raises(NotAPrivateKey):
            open_private_key(data, "x")

    def test_a_certificate_is_not_a_private_key(self) -> None:
        assert not is_private_key(an_efirma().cer)
        with pytest.raises(NotAPrivateKey):
            open_private_key(an_efirma().cer, "x")

    @given(st.binary(max_size=300), st.text(max_size=20))
    def test_junk_never_crashes(self, data: bytes, password: str) -> None:
        with pytest.raises(InvalidInput):
            open_private_key(data, password)

    @given(st.data())
    def test_a_damaged_file_opens_or_is_refused(self, data: st.DataObject) -> None:
        damaged = bytearray(encrypt_key_3des(a_key(), b"x", rounds=1))
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(InvalidInput):
            open_private_key(bytes(damaged), "x")

    def test_a_key_whose_numbers_lie_is_refused_when_validated(self) -> None:
        numbers = a_key().to_der()
        place = len(numbers) - 40
        broken = numbers[:place] + bytes((numbers[place] ^ 1,)) + numbers[place + 1 :]
        with pytest.raises(NotAPrivateKey):
            open_private_key(broken, None)


class TestEffort:
    """A key file names the work its password costs: up to minutes and gigabytes, if it were believed."""

    PBKDF2 = "1.2.840.113549.1.5.12"
    SCRYPT = "1.3.6.1.4.1.11591.4.11"

    @staticmethod
    def asking(function: str, *numbers: int) -> bytes:
        salt = der.write(der.OCTET_STRING, b"12345678")
        derivation = der.write(der.SEQUENCE, salt, *map(der.write_integer, numbers))
        scheme = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.3.7"), der.write(der.OCTET_STRING, b"12345678"))
        parameters = der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write_oid(function), derivation), scheme)
        algorithm = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.5.13"), parameters)
        return der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, bytes(64)))

    @pytest.mark.parametrize(
        ("function", "numbers"),
        [(PBKDF2, (2**31 - 1,)), (SCRYPT, (2**20, 8, 1)), (SCRYPT, (2**14, 8, 2**12))],
    )
    def test_what_would_hold_the_machine_up_is_refused(self, function: str, numbers: tuple[int, ...]) -> None:
        data = self.asking(function, *numbers)
        assert is_private_key(data)
        with pytest.raises(KeyTooCostly):
            open_private_key(data, "x")

    @pytest.mark.parametrize(("function", "numbers"), [(PBKDF2, (2048,)), (SCRYPT, (2**14, 8, 1))])
    def test_what_programs_ask_by_default_is_tried(self, function: str, numbers: tuple[int, ...]) -> None:
        with pytest.raises(WrongKeyPassword):
            open_private_key(self.asking(function, *numbers), "x")


class TestSecrecy:
    def test_its_repr_shows_nothing(self) -> None:
        assert repr(a_key()) == str(a_key()) == "PrivateKey(…)"
        assert "PrivateKey(…)" in repr(an_efirma().pair)

    def test_it_cannot_be_pickled(self) -> None:
        with pytest.raises(TypeError):
            pickle.dumps(a_key())

    def test_it_is_not_written_without_a_password(self) -> None:
        with pytest.raises(KeyPasswordMissing):
            a_key().to_encrypted_pem("")

    def test_the_encrypted_form_is_a_standard_one(self) -> None:
        pem = a_key().to_encrypted_pem(SECRET)
        again = open_private_key(pem.encode(), SECRET)
        der = base64.b64decode("".join(pem.splitlines()[1:-1]))
        opened = load_der_private_key(der, SECRET.encode())
        assert opened.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) == again.to_der()


class TestSha1:
    def test_this_machine_signs_with_it(self) -> None:
        check_sha1()

    def test_a_machine_whose_policy_forbids_it_says_so(self, tmp_path: Path) -> None:
        policy = "openssl_conf=c\n[c]\nalg_section=a\n[a]\ndefault_properties=fips=yes\n"
        (tmp_path / "openssl.cnf").write_text(policy)
        program = "from acuse.pki.private_key import check_sha1; check_sha1()"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"OPENSSL_CONF": str(tmp_path / "openssl.cnf"), "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "SHA1_UNAVAILABLE" in done.stderr
