"""Bringing a CRS over from another program: looked at, done once, and done again without doubling anything."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import bcrypt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from sqlalchemy import select, text

from acuse.accounts.errors import CredentialsInvalid
from acuse.accounts.service import AccountsService, LoginService
from acuse.accounts.tables import UserRow
from acuse.ar.certificates.lookalike import device_key
from acuse.ar.crs.cli import commands
from acuse.ar.crs.errors import NothingToImport
from acuse.ar.crs.service import CatalogueService, QuotaService
from acuse.kernel.handed_in import TableUnreadable
from tests.support.controladores import DEVICE, a_bundle
from tests.support.crs import Site, Visitor
from tests.support.terminal import Terminal

CUIT = "30710955057"
WORDS = "La clave de siempre 7!"
HASH = bcrypt.hashpw(WORDS.encode(), bcrypt.gensalt(4)).decode()
DOWNLOADS = [UUID(int=number) for number in range(1, 5)]


@pytest.fixture
def terminal(site: Site) -> Terminal:
    return Terminal(site.services, commands)


@pytest.fixture
def tables(tmp_path: Path) -> list[str]:
    """The four tables of a small shop: a user with three pending of four, one device with an ended certificate."""
    (tmp_path / "usuarios.csv").write_text(
        "\ufeffcuit;nombre;mail;id_rol;limite_descargas;password_hash;status\r\n"
        f"30-71095505-7;Distribuidora del Sur;sur@example.org;3;4;{HASH};1\r\n"
        f"20-12345678-6;Casa Norte;;mayorista;;{HASH.replace('$2b$', '$2y$')};inactivo\r\n",
        encoding="utf-8",
    )
    (tmp_path / "controladores.csv").write_text("controlador_id,estado\nseshra-9,sin_alta\n", encoding="utf-8")
    (tmp_path / "uno.pem").write_bytes(a_bundle(age_days=800))
    (tmp_path / "certificados.csv").write_text(
        f"archivo,nombre,id_certificado\nuno.pem,El del Sur,{UUID(int=77)}\n", encoding="utf-8"
    )
    states = ["Facturado", *["Pendiente de Facturar"] * 3]
    rows = [
        {
            "id_descarga": str(one),
            "cuit": CUIT,
            "controlador_id": "seshia-1371",
            "fecha": f"2025-0{number}-03 11:20:00",
            "estado": state,
            "precio": 1500.5,
        }
        for number, (one, state) in enumerate(zip(DOWNLOADS, states, strict=True), start=1)
    ]
    (tmp_path / "descargas.json").write_text(json.dumps(rows), encoding="utf-8")
    kinds = {"usuarios": "csv", "controladores": "csv", "certificados": "csv", "descargas": "json"}
    return [part for kind, suffix in kinds.items() for part in (f"--{kind}", str(tmp_path / f"{kind}.{suffix}"))]


def counts(told: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    return [(table["nuevos"], table["ya_estaban"], table["rechazados"]) for table in told]


class TestAllOfIt:
    async def test_a_look_tells_everything_and_leaves_nothing(
        self, site: Site, terminal: Terminal, tables: list[str]
    ) -> None:
        await terminal.run("import", *tables, "--dry-run")
        assert counts(terminal.shown[0]) == [(2, 0, 0), (1, 0, 0), (1, 0, 0), (4, 0, 0)]
        assert terminal.said == ["No se importó nada."]
        assert await site.services[CatalogueService].count() == 0
        assert await site.house.files.list("crs") == []
        assert await site.audited("IMPORT_DATA", "CREATE_USER", "UPLOAD_CERTIFICATE") == []

    async def test_a_look_waits_for_nobody_who_downloads(
        self, site: Site, terminal: Terminal, tables: list[str]
    ) -> None:
        await terminal.run("import", *tables[:6], "--yes")
        terminal.shown.clear()
        async with site.house.database.transaction() as tx:
            await tx.execute(text("SELECT 1 FROM crs_quotas FOR UPDATE"))
            async with asyncio.timeout(60):
                await terminal.run("import", *tables, "--dry-run")
        assert counts(terminal.shown[0])[-1] == (4, 0, 0)

    async def test_what_was_looked_at_is_done_once(
        self, site: Site, terminal: Terminal, admin: Visitor, tables: list[str]
    ) -> None:
        await terminal.run("import", *tables, "--yes")
        assert counts(terminal.shown[0]) == [(2, 0, 0), (1, 0, 0), (1, 0, 0), (4, 0, 0)]
        await terminal.run("import", *tables, "--yes")
        assert terminal.said[-1] == "No se importó nada."
        user = await site.services[AccountsService].find(CUIT)
        quota = await site.services[QuotaService].of(user.id)
        assert (quota.limite, quota.pending, quota.total) == (4, 3, 4)
        listed = (await admin.api.get("/downloads", params={"usuario_id": user.id})).json()["descargas"]
        assert [row["id_descarga"] for row in listed] == [str(one) for one in reversed(DOWNLOADS)]
        assert {(row["precio"], row["moneda"]) for row in listed} == {("1500.50", "ARS")}
        assert listed[0]["fecha"] == "2025-04-03T14:20:00Z"
        assert listed[0]["id_certificado"] == str(UUID(int=77))
        assert listed[0]["certificado_nombre"] == "El del Sur"
        csv = (await admin.api.get("/reportes/descargas/csv", params={"usuario_id": user.id})).text
        assert csv.splitlines()[1].endswith(",1500.50,ARS")
        audited = await site.audited("IMPORT_DATA")
        assert [(row.objetivo_tipo, (row.despues or {})["nuevo"]) for row in audited] == [
            ("usuarios", 2),
            ("controladores", 1),
            ("certificados", 1),
            ("descargas", 4),
        ]
        await site.services[QuotaService].check_counters()
        assert (await site.house.audit.verify()).is_intact

    async def test_pending_ones_count_toward_the_limit_and_are_told_of_once(
        self, site: Site, terminal: Terminal, tables: list[str], tmp_path: Path
    ) -> None:
        await terminal.run("import", *tables, "--yes")
        assert await site.alerts() == []
        more = [
            {"id_descarga": str(UUID(int=9)), "cuit": CUIT, "id_certificado": str(UUID(int=77))}
            | {"fecha": "2025-06-01", "estado": "Pendiente de Facturar"}
        ]
        table = tmp_path / "mas.json"
        table.write_text(json.dumps(more), encoding="utf-8")
        await terminal.run("import", "--descargas", str(table), "--yes")
        assert [(alert.kind.value, alert.pending) for alert in await site.alerts()] == [("100", 4)]


class TestPasswords:
    async def test_an_imported_password_opens_and_is_rehashed(
        self, site: Site, terminal: Terminal, tables: list[str]
    ) -> None:
        await terminal.run("import", *tables, "--yes")
        login = site.services[LoginService]
        with pytest.raises(CredentialsInvalid):
            await login.check(CUIT, WORDS + "x", ip=None)
        assert await self._hash(site, CUIT) == HASH
        assert (await login.check(CUIT, WORDS, ip=None)).name == "Distribuidora del Sur"
        assert (await self._hash(site, CUIT)).startswith("$argon2id$")
        assert (await login.check(CUIT, WORDS, ip=None)).name == "Distribuidora del Sur"

    async def test_an_inactive_one_stays_out(self, site: Site, terminal: Terminal, tables: list[str]) -> None:
        await terminal.run("import", *tables, "--yes")
        with pytest.raises(CredentialsInvalid):
            await site.services[LoginService].check("20123456786", WORDS, ip=None)

    async def _hash(self, site: Site, tax_id: str) -> str:
        async with site.house.database.transaction() as tx:
            return (await tx.scalars(select(UserRow.password_hash).where(UserRow.tax_id == tax_id))).one()


class TestRefusals:
    async def test_bad_rows_are_told_and_good_ones_taken(self, site: Site, terminal: Terminal, tmp_path: Path) -> None:
        table = tmp_path / "usuarios.csv"
        table.write_text(
            "cuit,nombre,id_rol,password_hash,limite_descargas\n"
            f"30710955057,Buena,3,{HASH},\n"
            "20123456780,Otro dígito,3,,\n"
            "27123456780,Sin rol,9,,\n"
            "27301112225,Resumen raro,3,$1$viejo,\n"
            "20120940288,Límite raro,3,,muchas\n",
            encoding="utf-8",
        )
        await terminal.run("import", "--usuarios", str(table), "--yes")
        (told,) = terminal.shown[0]
        assert (told["nuevos"], told["rechazados"]) == (1, 4)
        assert [(row["linea"], row["error"]) for row in told["filas_rechazadas"]] == [
            (3, "TAX_ID_INVALID"),
            (4, "CELL_INVALID"),
            (5, "IMPORTED_HASH_UNKNOWN"),
            (6, "CELL_INVALID"),
        ]
        assert await site.services[AccountsService].find("30710955057")

    async def test_downloads_need_their_user_and_certificate(
        self, site: Site, terminal: Terminal, bob: Visitor, tmp_path: Path
    ) -> None:
        known = await site.certificate()
        base = {"fecha": "2025-09-03", "estado": "Facturado"}
        rows = [
            {"id_descarga": str(UUID(int=1)), "cuit": "30710955057", "id_certificado": str(known)} | base,
            {"id_descarga": str(UUID(int=2)), "cuit": bob.user.tax_id, "controlador_id": "SESHRA-9"} | base,
            {"id_descarga": str(UUID(int=3)), "cuit": bob.user.tax_id} | base,
            {"id_descarga": "3", "cuit": bob.user.tax_id, "id_certificado": str(known)} | base,
            {"id_descarga": str(UUID(int=4)), "cuit": bob.user.tax_id, "id_certificado": str(known)}
            | base
            | {"fecha": "2999-01-01"},
            {"id_descarga": str(UUID(int=5)), "cuit": bob.user.tax_id, "id_certificado": str(known)}
            | base
            | {"precio": "-3"},
        ]
        table = tmp_path / "descargas.json"
        table.write_text(json.dumps(rows), encoding="utf-8")
        await terminal.run("import", "--descargas", str(table), "--dry-run")
        assert [row["error"] for row in terminal.shown[0][0]["filas_rechazadas"]] == [
            "IMPORTED_USER_UNKNOWN",
            "CERTIFICADO_UNKNOWN",
            "CELL_INVALID",
            "CELL_INVALID",
            "CELL_INVALID",
            "CELL_INVALID",
        ]

    async def test_a_download_is_not_taken_from_its_owner(
        self, terminal: Terminal, bob: Visitor, charlie: Visitor, certificate: UUID, tmp_path: Path
    ) -> None:
        begun = await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})
        table = tmp_path / "descargas.csv"
        table.write_text(
            "id_descarga,cuit,id_certificado,fecha,estado\n"
            f"{begun.json()['downloadId']},{charlie.user.tax_id},{certificate},2025-09-03,Facturado\n",
            encoding="utf-8",
        )
        await terminal.run("import", "--descargas", str(table), "--dry-run")
        assert terminal.shown[0][0]["filas_rechazadas"][0]["error"] == "DESCARGA_DIFFERS"

    async def test_files_of_certificates_are_checked_as_uploads_are(self, terminal: Terminal, tmp_path: Path) -> None:
        (tmp_path / "uno.pem").write_bytes(a_bundle())
        key = load_der_private_key(device_key().to_der(), None)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "llave.pem").write_bytes(a_bundle() + pem)
        table = tmp_path / "certificados.csv"
        table.write_text("archivo,controlador_id\nuno.pem,SESHIA-2\nllave.pem,\nno.pem,\nuno.pem,\n", encoding="utf-8")
        await terminal.run("import", "--certificados", str(table), "--yes")
        (told,) = terminal.shown[0]
        assert [row["error"] for row in told["filas_rechazadas"]] == [
            "OTHER_CONTROLADOR",
            "PRIVATE_KEY_INSIDE",
            "IMPORTED_FILE_MISSING",
        ]
        assert told["nuevos"] == 1
        await terminal.run("list", "--search", DEVICE)
        assert len(terminal.shown[1]) == 1

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("u.csv", b"cuit,nombre,id_rol,limite\n1,2,3,4\n", "desconocidas \\(limite\\)"),
            ("u.csv", b"cuit,nombre\n1,2\n", "le faltan las columnas id_rol"),
            ("u.csv", b"cuit,nombre,id_rol\n1,2\n", "línea 2 tiene 2 celdas"),
            ("u.csv", "cuit,nombre,id_rol\n1,Muñoz,3\n".encode("latin-1"), "UTF-8"),
            ("u.json", b'{"cuit": 1}', "lista de objetos"),
            ("u.json", b"[", "no es JSON"),
            ("u.json", b'[{"cuit": [1]}]', "lista o un objeto"),
        ],
    )
    async def test_a_table_that_cannot_be_read_says_why(
        self, terminal: Terminal, tmp_path: Path, name: str, content: bytes, problem: str
    ) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(TableUnreadable, match=problem):
            await terminal.run("import", "--usuarios", str(tmp_path / name))

    async def test_without_a_table_there_is_nothing_to_do(self, terminal: Terminal) -> None:
        with pytest.raises(NothingToImport):
            await terminal.run("import")


async def test_the_answer_no_imports_nothing(
    site: Site, terminal: Terminal, tables: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "n")
    await terminal.run("import", *tables)
    assert terminal.said == ["No se importó nada."]
    assert await site.services[CatalogueService].count() == 0
