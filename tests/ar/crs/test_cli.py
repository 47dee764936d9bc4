"""`acuse crs`: what the machine's owner does from the terminal."""

from __future__ import annotations

import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.ar.crs.cli import commands
from acuse.ar.crs.errors import CountersDiffer, QuotaUserNotFound
from acuse.kernel.commands import FileUnreadable
from acuse.kernel.errors import InvalidInput
from tests.support.controladores import DEVICE, a_bundle
from tests.support.crs import Site, Visitor
from tests.support.terminal import Terminal

OTHER = "SESHRA0000000007"


@pytest.fixture
def terminal(site: Site) -> Terminal:
    return Terminal(site.services, commands)


async def test_a_folder_is_uploaded_file_by_file(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / f"{DEVICE}.pem").write_bytes(a_bundle())
    (tmp_path / "sub" / "otro.pem").write_bytes(a_bundle(OTHER))
    (tmp_path / "sub" / "nada.pem").write_bytes(b"nada")
    (tmp_path / "sub" / "notas.txt").write_bytes(b"nadie lo mira")
    await terminal.run("upload", str(tmp_path))
    fates = {row["archivo"]: (row["controlador_id"], row["error"]) for row in terminal.shown[0]}
    assert fates == {
        f"{DEVICE}.pem": (DEVICE, None),
        "otro.pem": (OTHER, None),
        "nada.pem": (None, "NO_DEVICE_CERTIFICATE"),
    }
    assert "2" in terminal.said[0]


async def test_a_zip_is_opened_and_uploaded(terminal: Terminal, tmp_path: Path) -> None:
    archive = tmp_path / "todos.zip"
    with zipfile.ZipFile(archive, "w") as put:
        put.writestr("a.pem", a_bundle())
        put.writestr("b.pem", a_bundle(OTHER))
    await terminal.run("upload", str(archive))
    await terminal.run("list")
    assert [row["controlador_id"] for row in terminal.shown[1]] == [DEVICE, OTHER]


async def test_a_path_that_is_not_there_is_told(terminal: Terminal, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        await terminal.run("upload", str(tmp_path / "no.pem"))


@pytest.mark.parametrize("typed", ["seshia-1371", "SE SH IA 1371", "SESHIA001371", "0000001371"])
async def test_the_list_finds_a_device_typed_in_any_form(terminal: Terminal, site: Site, typed: str) -> None:
    await site.certificate()
    await site.certificate(OTHER)
    await terminal.run("list", "--search", typed)
    assert [row["controlador_id"] for row in terminal.shown[0]] == [DEVICE]


async def test_the_list_shows_replaced_ones_as_such(terminal: Terminal, site: Site) -> None:
    await site.certificate(age_days=100)
    await site.certificate(age_days=10)
    await terminal.run("list", "--limit", "5")
    assert [row["reemplazado"] for row in terminal.shown[0]] == [False, True]


async def test_a_limit_is_set_and_audited(terminal: Terminal, site: Site, bob: Visitor) -> None:
    await terminal.run("limit", str(bob.user.id), "3")
    assert terminal.shown[0]["limite_descargas"] == 3
    (row,) = (row for row in await site.audited("UPDATE_USER") if row.actor_nombre == "CLI (prueba)")
    assert row.despues == {"limite_descargas": 3}
    with pytest.raises(QuotaUserNotFound):
        await terminal.run("limit", "999999", "3")
    with pytest.raises(InvalidInput):
        await terminal.run("limit", str(bob.user.id), "-1")


async def test_the_metrics_are_those_of_the_api(
    terminal: Terminal, admin: Visitor, bob: Visitor, certificate: UUID
) -> None:
    await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})
    await terminal.run("metrics")
    assert terminal.shown[0] == (await admin.api.get("/metrics")).json()
    assert terminal.shown[0]["pendientes_facturar"] == 1


async def test_counters_that_differ_are_found(terminal: Terminal, site: Site, bob: Visitor, certificate: UUID) -> None:
    await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})
    await terminal.run("check")
    assert terminal.said == ["Los contadores coinciden con las descargas."]
    async with site.house.database.transaction() as tx:
        await tx.execute(text("UPDATE crs_quotas SET total = total + 1 WHERE user_id = :id"), {"id": bob.user.id})
    with pytest.raises(CountersDiffer, match=str(bob.user.id)):
        await terminal.run("check")
