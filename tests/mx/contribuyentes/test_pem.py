"""An e.firma taken out as PEM, and opened again by openssl."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from acuse.kernel.clock import MovableClock
from acuse.mx.contribuyentes.cli import efirma
from acuse.mx.contribuyentes.errors import FileNotWritten
from acuse.mx.contribuyentes.service import PemExports
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.contribuyentes.test_cli import Desk
from tests.support.efirmas import PASSWORD, PERSON, an_efirma

API = f"/api/v1/sat/contribuyentes/{PERSON.rfc}"
PAGE = f"/app/contribuyentes/{PERSON.rfc}/efirma/pem"
ACCOUNT = "Una-Llave.Larga!17"
NEW = "una contraseña ñ nueva"
BODY = {"password_cuenta": ACCOUNT, "password_pem": NEW}


async def load(who: Visitor) -> None:
    files = {"cer": ("x.cer", an_efirma().cer), "key": ("x.key", an_efirma().key)}
    assert (await who.api.put(f"{API}/efirma", files=files, data={"password": PASSWORD})).status_code == 200


def openssl(*arguments: str, sent: bytes = b"", secret: str = "") -> bytes:
    done = subprocess.run(
        ["openssl", *arguments], input=sent, capture_output=True, check=True, env={"SECRET": secret, "PATH": "/usr/bin"}
    )
    return done.stdout


def modulus_of(certificate: str, key: str) -> tuple[bytes, bytes]:
    """What openssl reads of both; it opens the key with the new password only."""
    return (
        openssl("x509", "-noout", "-modulus", sent=certificate.encode()),
        openssl("rsa", "-noout", "-modulus", "-passin", "env:SECRET", sent=key.encode(), secret=NEW),
    )


async def audited(site: Site, action: str) -> list[dict[str, str]]:
    async with site.house.database.transaction() as tx:
        rows = await tx.execute(text("select despues from auditoria where accion = :a order by seq"), {"a": action})
        return [row.despues for row in rows]


class TestApi:
    async def test_openssl_opens_what_the_owner_takes_out(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        answer = await alice.api.post(f"{API}/efirma/pem", json=BODY)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        told = answer.json()
        assert told["certificado"].startswith("-----BEGIN CERTIFICATE-----\n")
        assert told["llave"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
        assert max(map(len, told["llave"].splitlines()[1:-1])) == 64
        of_certificate, of_key = modulus_of(told["certificado"], told["llave"])
        assert of_certificate == of_key
        number = an_efirma().pair.certificate.number
        assert await audited(site, "EXPORT_CREDENTIAL") == [{"numero_serie": number, "formato": "PEM"}]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({**BODY, "password_cuenta": "no es"}, 403, "ACCOUNT_PASSWORD_WRONG"),
            ({**BODY, "password_pem": "corta"}, 400, "PEM_PASSWORD_WEAK"),
            ({"password_pem": NEW}, 400, "VALIDATION_ERROR"),
        ],
    )
    async def test_without_proof_or_a_good_password_nothing_leaves(
        self, site: Site, alice: Visitor, body: dict[str, str], status: int, code: str
    ) -> None:
        await load(alice)
        answer = await alice.api.post(f"{API}/efirma/pem", json=body)
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert "PRIVATE KEY" not in answer.text
        assert not {"no es", "corta", NEW} & set(answer.text.split('"'))
        assert await audited(site, "EXPORT_CREDENTIAL") == []

    async def test_a_wrong_account_password_counts_as_a_failed_login(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        for _ in range(8):
            answer = await alice.api.post(f"{API}/efirma/pem", json={**BODY, "password_cuenta": "no es"})
        assert answer.status_code == 429
        assert await audited(site, "LOGIN_FAILED")

    async def test_only_the_owner_takes_it_out(self, alice: Visitor, bob: Visitor, charlie: Visitor) -> None:
        await load(alice)
        await alice.api.put(f"{API}/accesos/{bob.user.id}", json={"nivel": "operacion"})
        answers = [(await who.api.post(f"{API}/efirma/pem", json=BODY)).json()["error"] for who in (bob, charlie)]
        assert answers == ["ACCESS_LEVEL_TOO_LOW", "CONTRIBUYENTE_NOT_FOUND"]

    async def test_without_an_efirma_there_is_nothing_and_an_expired_one_still_leaves(
        self, alice: Visitor, clock: MovableClock
    ) -> None:
        await load(alice)
        clock.set(an_efirma().pair.certificate.not_after)
        clock.move(days=3)
        fresh = await alice.api.post(f"{API}/efirma/pem", json=BODY)
        assert fresh.status_code == 200
        await alice.api.delete(f"{API}/efirma")
        gone = await alice.api.post(f"{API}/efirma/pem", json=BODY)
        assert gone.json()["error"] == "EFIRMA_MISSING"


class TestPage:
    async def test_it_hands_out_a_zip_of_two_files(self, alice: Visitor) -> None:
        await load(alice)
        assert "Exportar la e.firma en PEM" in (await alice.browser.get(PAGE)).text
        answer = await alice.browser.post(PAGE, data={**BODY, "repetida": NEW})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            certificate, key = (archive.read(name).decode() for name in names)
        number = an_efirma().pair.certificate.number
        assert names == [f"{PERSON.rfc}_{number}.cer.pem", f"{PERSON.rfc}_{number}.key.pem"]
        of_certificate, of_key = modulus_of(certificate, key)
        assert of_certificate == of_key

    async def test_faults_are_told_and_passwords_are_not_sent_back(self, alice: Visitor, charlie: Visitor) -> None:
        await load(alice)
        differ = await alice.browser.post(PAGE, data={**BODY, "repetida": "otra-cosa-distinta"})
        assert (differ.status_code, "No es igual" in differ.text) == (400, True)
        wrong = await alice.browser.post(PAGE, data={**BODY, "password_cuenta": "no-es-esa", "repetida": NEW})
        assert (wrong.status_code, "ACCOUNT_PASSWORD_WRONG" in wrong.text) == (403, True)
        for page in (differ, wrong):
            assert not any(secret in page.text for secret in (NEW, ACCOUNT, "otra-cosa-distinta", "no-es-esa"))
        assert (await charlie.browser.get(PAGE)).status_code == 404
        assert (await charlie.browser.post(PAGE, data={**BODY, "repetida": NEW})).status_code == 404


class TestCli:
    async def test_two_private_files_and_never_over_another(
        self, site: Site, alice: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await load(alice)
        desk = Desk(site.services[PemExports])
        place = tmp_path / "pem"
        place.mkdir()
        arguments = ["pem", str(PERSON.rfc), "--to", str(place), "--password-stdin"]
        for attempt in range(2):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NEW.encode() + b"\n")))
            if attempt:
                with pytest.raises(FileNotWritten):
                    await efirma.commands(desk).run_async(arguments, result_action="return_value")
                continue
            await efirma.commands(desk).run_async(arguments, result_action="return_value")
        certificate, key = sorted(place.iterdir())
        assert [path.stat().st_mode & 0o777 for path in (certificate, key)] == [0o600, 0o600]
        of_certificate, of_key = modulus_of(certificate.read_text(), key.read_text())
        assert of_certificate == of_key
