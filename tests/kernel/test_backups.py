"""Backups: what is taken while people work comes back whole in another place, and harm is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from acuse.accounts import AccountsService, Role
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.backups import Backups, Restoring
from acuse.kernel.backups.errors import (
    BackupDamaged,
    BackupFailed,
    BackupNotFound,
    BackupPlaceMissing,
    BackupPlaceUnsuitable,
    BackupRunning,
    RestoreRefused,
)
from acuse.kernel.clock import MovableClock
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from tests.support.database import TestServer
from tests.support.s3 import KEYS, make_bucket, s3_server

_ZIP = "clientes/ÑAÑ&010101AAA/2025/paquetes/cfdi/UNO_01.zip"


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return environment | {"BACKUP_TO": (tmp_path / "respaldos").as_uri(), "BACKUP_KEEP": "2"}


@asynccontextmanager
async def another_house(
    environment: dict[str, str], server: TestServer, tmp_path: Path, clock: MovableClock, **changed: str
) -> AsyncIterator[House]:
    """Open a second, empty installation with the same secrets."""
    url = server.empty()
    told = environment | {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "STORAGE_URL": (tmp_path / "otros").as_uri(),
        "ACUSE_HOME": str(tmp_path / "otra"),
    }
    try:
        async with open_house(SettingsReader(told | changed, None), clock=clock) as house:
            yield house
    finally:
        server.drop(str(url.database))


async def fill(house: House) -> None:
    """A user, something sealed and a package."""
    async with open_features(house) as services:
        await services[AccountsService].create_user(
            tax_id="20123456786",
            name="Alicia Ñandú",
            mail="alicia@example.test",
            role=Role.ADMINISTRADOR,
            password="Una.Clave.Larga.1",
            actor=SYSTEM,
        )
    await house.files.put(_ZIP, b"PK" + bytes(3_000_000))
    await house.files.put("clientes/XAXX010101000/certificados/a.cer.pem", b"PEM")


async def users(house: House) -> list[str]:
    async with house.database.transaction() as tx:
        return list((await tx.scalars(text("select name from users order by 1"))).all())


async def test_a_backup_comes_back_whole_in_an_empty_installation(
    house: House, environment: dict[str, str], server: TestServer, tmp_path: Path, clock: MovableClock
) -> None:
    await fill(house)
    taken = await Backups(house).take(actor=SYSTEM)
    assert (taken.copied, taken.removed) == (2, 0)
    async with another_house(environment, server, tmp_path, clock) as other:
        seen: list[tuple[int, int]] = []
        found = await Restoring(other).restore(actor=SYSTEM, tell=lambda done, total: seen.append((done, total)))
        assert found == taken.manifest
        assert seen == [(1, 2), (2, 2)]
        assert await users(other) == ["Alicia Ñandú"]
        assert await other.files.get(_ZIP) == await house.files.get(_ZIP)
        assert await other.database.check() == []
        report = await other.audit.verify()
        assert report.is_intact
        async with other.database.transaction() as tx:
            acts = (await tx.scalars(text("select accion from auditoria order by seq"))).all()
        assert acts == ["CREATE_USER", "RESTORE_BACKUP"]  # the backup's own act came after its instant
        async with open_features(other) as services:  # and the house works: a second user can be made
            await services[AccountsService].ensure_first_admin()


async def test_only_what_is_new_is_copied_and_old_backups_make_room(house: House, clock: MovableClock) -> None:
    backups = Backups(house)
    await fill(house)
    first = await backups.take(actor=SYSTEM)
    await house.files.delete(_ZIP)
    await house.files.put("clientes/XAXX010101000/2025/paquetes/cfdi/DOS_01.zip", b"PK2")
    clock.move(days=1)
    second = await backups.take(actor=SYSTEM)
    assert (second.copied, second.removed) == (1, 0)
    assert await backups.place().exists(f"archivos/{_ZIP}")  # the first backup still names it
    clock.move(days=1)
    third = await backups.take(actor=SYSTEM)
    assert (third.copied, third.removed) == (0, 1)
    assert [each.name for each in await backups.manifests()] == [third.manifest.name, second.manifest.name]
    assert not await backups.place().exists(f"archivos/{_ZIP}")
    assert not await backups.place().exists(first.manifest.dump)
    assert await backups.newest() == third.manifest.made_at


async def test_a_file_changed_in_its_place_is_copied_again(house: House) -> None:
    backups = Backups(house)
    await house.files.put("clientes/A/2025/solicitudes/historial.csv", b"una")
    await backups.take(actor=SYSTEM)
    await house.files.put("clientes/A/2025/solicitudes/historial.csv", b"dos")
    taken = await backups.take(actor=SYSTEM)
    assert taken.copied == 1
    assert await backups.place().get("archivos/clientes/A/2025/solicitudes/historial.csv") == b"dos"


async def test_a_bucket_holds_backups_as_well_as_a_folder(
    house: House,
    environment: dict[str, str],
    server: TestServer,
    tmp_path: Path,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3_server() as address:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": address}).items():
            monkeypatch.setenv(name, value)
        make_bucket(address, "respaldos")
        await fill(house)
        taken = await Backups(house).take(actor=SYSTEM, to="s3://respaldos/acuse")
        async with another_house(environment, server, tmp_path, clock) as other:
            found = await Restoring(other).restore(taken.manifest.name, actor=SYSTEM, source="s3://respaldos/acuse")
            assert found == taken.manifest
            assert await users(other) == ["Alicia Ñandú"]


async def test_a_database_with_users_is_replaced_only_when_told(
    house: House, environment: dict[str, str], server: TestServer, tmp_path: Path, clock: MovableClock
) -> None:
    await fill(house)
    await Backups(house).take(actor=SYSTEM)
    async with another_house(environment, server, tmp_path, clock) as other:
        async with open_features(other) as services:
            await services[AccountsService].ensure_first_admin()
        before = await users(other)
        with pytest.raises(RestoreRefused, match="--replace"):
            await Restoring(other).restore(actor=SYSTEM)
        assert await users(other) == before
        await Restoring(other).restore(actor=SYSTEM, replace=True)
        assert await users(other) == ["Alicia Ñandú"]


async def test_nothing_is_restored_under_people_at_work(
    house: House, environment: dict[str, str], clock: MovableClock
) -> None:
    await fill(house)
    await Backups(house).take(actor=SYSTEM)
    async with open_house(SettingsReader(environment, None), clock=clock) as working:
        await working.database.ping()
        with pytest.raises(RestoreRefused, match="está trabajando"):
            await Restoring(house).restore(actor=SYSTEM, replace=True)
        assert await users(working) == ["Alicia Ñandú"]


async def test_without_the_key_of_the_vault_nothing_is_restored(
    house: House, environment: dict[str, str], server: TestServer, tmp_path: Path, clock: MovableClock
) -> None:
    await fill(house)
    await Backups(house).take(actor=SYSTEM)
    async with another_house(environment, server, tmp_path, clock, VAULT_KEY="ab" * 32) as other:
        with pytest.raises(RestoreRefused, match="VAULT_KEY"):
            await Restoring(other).restore(actor=SYSTEM)


@pytest.mark.parametrize("part", ["archivos", "base", "lista"])
async def test_a_damaged_backup_touches_nothing(house: House, tmp_path: Path, part: str) -> None:
    await fill(house)
    taken = await Backups(house).take(actor=SYSTEM)
    folder = tmp_path / "respaldos"
    match part:
        case "archivos":
            (folder / "archivos" / _ZIP).unlink()
        case "base":
            with (folder / taken.manifest.dump).open("ab") as dump:
                dump.write(b"x")
        case _:
            (folder / taken.manifest.key).write_bytes(b"{}")
    with pytest.raises(BackupDamaged):
        await Restoring(house).restore(actor=SYSTEM, replace=True)
    assert await users(house) == ["Alicia Ñandú"]


async def test_a_restore_that_fails_leaves_what_was_there(house: House, tmp_path: Path) -> None:
    await fill(house)
    backups = Backups(house)
    taken = await backups.take(actor=SYSTEM)
    dump = tmp_path / "respaldos" / taken.manifest.dump
    whole = dump.read_bytes()
    dump.write_bytes(whole[: len(whole) // 2])  # a hash that fits, and half a dump
    manifest = dataclasses.replace(taken.manifest, dump_sha256=hashlib.sha256(dump.read_bytes()).hexdigest())
    await backups.place().put(manifest.key, manifest.document())
    with pytest.raises(BackupFailed):
        await Restoring(house).restore(actor=SYSTEM, replace=True)
    assert await users(house) == ["Alicia Ñandú"]
    assert await house.database.check() == []


async def test_a_restore_killed_at_its_worst_moment_can_be_repeated(house: House) -> None:
    await fill(house)
    taken = await Backups(house).take(actor=SYSTEM)
    async with house.database.transaction() as tx:  # what was there is aside, nothing is back
        await tx.execute(text("alter schema public rename to acuse_anterior"))
    await house.database.migrate()
    assert await users(house) == []
    await Restoring(house).restore(taken.manifest.name, actor=SYSTEM)
    assert await users(house) == ["Alicia Ñandú"]


async def test_a_backup_of_a_newer_program_is_refused(house: House, tmp_path: Path) -> None:
    taken = await Backups(house).take(actor=SYSTEM)
    path = tmp_path / "respaldos" / taken.manifest.key
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"revision": "9999"}), "utf-8")
    with pytest.raises(RestoreRefused, match="versión más nueva"):
        await Restoring(house).restore(actor=SYSTEM)


async def test_a_backup_that_was_cut_off_counts_for_nothing(house: House, tmp_path: Path) -> None:
    backups = Backups(house)
    taken = await backups.take(actor=SYSTEM)
    (tmp_path / "respaldos" / taken.manifest.key).unlink()
    assert await backups.manifests() == []
    assert await backups.newest() is None
    with pytest.raises(BackupNotFound):
        await Restoring(house).restore(actor=SYSTEM)


async def test_a_dump_that_fails_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    ended = text(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and wait_event_type = 'Lock'"
    )
    async with house.database.transaction() as tx:
        await tx.execute(text("lock table users in access exclusive mode"))  # the dump has to wait for it
        taking = asyncio.create_task(Backups(house).take(actor=SYSTEM))
        async with asyncio.timeout(60):
            while not taking.done():
                async with house.database.transaction() as looking:
                    await looking.execute(ended)
                await asyncio.sleep(0.02)
    with pytest.raises(BackupFailed):
        await taking
    assert [path for path in (tmp_path / "respaldos").rglob("*") if path.is_file()] == []


async def test_two_backups_at_once_are_one(house: House) -> None:
    await fill(house)
    backups = Backups(house)
    results = await asyncio.gather(*(backups.take(actor=SYSTEM) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(each, BackupRunning) for each in results) == 1
    assert len(await backups.manifests()) == 1


@pytest.mark.parametrize("to", ["files", "files/respaldos", "."])
def test_a_place_within_the_files_is_refused(house: House, tmp_path: Path, to: str) -> None:
    with pytest.raises(BackupPlaceUnsuitable):
        Backups(house).place(str(tmp_path / to))


def test_a_place_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(BackupPlaceUnsuitable):
        Backups(house).place("ftp://respaldos")


async def test_without_a_place_nothing_is_taken(environment: dict[str, str], clock: MovableClock) -> None:
    async with open_house(SettingsReader(environment | {"BACKUP_TO": ""}, None), clock=clock) as house:
        assert not Backups(house).wanted
        with pytest.raises(BackupPlaceMissing):
            await Backups(house).take(actor=SYSTEM)


async def test_no_secret_is_in_a_backup(house: House, environment: dict[str, str], tmp_path: Path) -> None:
    await fill(house)
    await Backups(house).take(actor=SYSTEM)
    secret = [environment[name].encode() for name in ("VAULT_KEY", "AUDIT_KEY", "TOKEN_SECRET")]
    for path in (tmp_path / "respaldos").rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not any(each in held for each in secret)
    shutil.rmtree(tmp_path / "respaldos")
