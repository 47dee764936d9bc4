from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM, Actor, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.errors import AppError
from acuse.kernel.files import Files
from acuse.kernel.vault import Vault, VaultError
from acuse.mx.certificates.errors import CsdInsteadOfEfirma, EfirmaExpired, EfirmaOfAnotherRfc
from acuse.mx.certificates.lookalike import Holder, IssuedFiles
from acuse.mx.contribuyentes import errors as e
from acuse.mx.contribuyentes.model import MEXICO_CITY, AccessLevel, Contribuyente, EfirmaState
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.rfc import InvalidRfc
from acuse.pki.errors import WrongKeyPassword
from tests.mx.contribuyentes.conftest import People
from tests.support.efirmas import COMPANY, ENYE_AND_AMPERSAND, PASSWORD, PERSON, a_csd, an_efirma

RFC = str(PERSON.rfc)
FOLDER = f"clientes/{RFC}/certificados"


async def load(
    service: ContribuyentesService, actor: Actor, holder: Holder = PERSON, *, renewal: int = 0
) -> Contribuyente:
    return await send(service, actor, an_efirma(holder, renewal=renewal))


async def send(service: ContribuyentesService, actor: Actor, files: IssuedFiles) -> Contribuyente:
    return await service.upload_efirma(actor, files.cer, files.key, PASSWORD)


async def acts(database: Database) -> list[tuple[str, str, str]]:
    async with database.transaction() as tx:
        rows = await tx.execute(text("select accion, actor_nombre, objetivo_id from auditoria order by seq"))
        return [tuple(row) for row in rows]


class TestUpload:
    async def test_the_first_to_load_a_valid_efirma_owns_the_rfc(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        found = await load(service, people.alice)
        assert (str(found.rfc), found.name, found.level) == (RFC, PERSON.name, AccessLevel.DUENO)
        assert found.efirma is not None
        assert found.efirma.number == an_efirma().pair.certificate.number
        assert found.efirma.state is EfirmaState.VALID
        assert await acts(database) == [("CREATE_TAXPAYER", "Alice", RFC), ("UPLOAD_CREDENTIAL", "Alice", RFC)]

    async def test_enye_and_ampersand_survive_everywhere(
        self, service: ContribuyentesService, people: People, files: Files
    ) -> None:
        found = await load(service, people.alice, ENYE_AND_AMPERSAND)
        await service.write_copies(found.id)
        assert (await service.require_access(people.alice, "ñ&o-120726-rx3")).name == ENYE_AND_AMPERSAND.name
        stored = [item.key for item in await files.list("clientes")]
        assert all(key.startswith("clientes/Ñ&O120726RX3/certificados/") for key in stored)
        assert len(stored) == 2

    async def test_a_newer_one_replaces_it_and_the_old_key_is_gone(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        await load(service, people.alice)
        found = await load(service, people.alice, renewal=1)
        assert found.efirma is not None
        assert found.efirma.number == an_efirma(renewal=1).pair.certificate.number
        async with database.transaction() as tx:
            rows = (await tx.execute(text("select active, sealed_key is null, retired_at is null from efirmas"))).all()
        assert sorted(map(tuple, rows)) == [(False, True, False), (True, False, True)]

    async def test_the_same_one_again_is_no_second_one(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        for _ in range(2):
            await load(service, people.alice)
        async with database.transaction() as tx:
            assert (await tx.execute(text("select count(*) from efirmas"))).scalar_one() == 1
        pair = await service.unlock(RFC, reason="prueba", actor=SYSTEM)
        assert pair.certificate.number == an_efirma().pair.certificate.number

    async def test_an_earlier_one_may_come_back(self, service: ContribuyentesService, people: People) -> None:
        for renewal in (0, 1, 0):
            found = await load(service, people.alice, renewal=renewal)
        assert found.efirma is not None
        assert found.efirma.number == an_efirma().pair.certificate.number

    async def test_two_at_once_end_with_one_owner_and_one_key(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        answers = await asyncio.gather(load(service, people.alice), load(service, people.bob), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Contribuyente", "ContribuyenteOwned"]
        async with database.transaction() as tx:
            assert (await tx.execute(text("select count(*) from efirmas where active"))).scalar_one() == 1
            assert (await tx.execute(text("select count(*) from accesos"))).scalar_one() == 1

    async def test_what_is_refused_leaves_nothing_behind(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        with pytest.raises(CsdInsteadOfEfirma):
            await send(service, people.alice, a_csd())
        with pytest.raises(WrongKeyPassword):
            await service.upload_efirma(people.alice, an_efirma().cer, an_efirma().key, "otra")
        with pytest.raises(EfirmaOfAnotherRfc):
            await service.upload_efirma(people.alice, an_efirma().cer, an_efirma().key, PASSWORD, rfc=COMPANY.rfc)
        assert await service.visible_to(people.alice) == []
        assert await acts(database) == []

    async def test_a_broken_path_rfc_is_told_before_the_files_are_opened(
        self, service: ContribuyentesService, people: People
    ) -> None:
        with pytest.raises(InvalidRfc):
            await service.upload_efirma(people.alice, b"", b"", "", rfc="../../etc")


class TestAccess:
    async def test_charlie_sees_nothing_and_cannot_tell_it_exists(
        self, service: ContribuyentesService, people: People
    ) -> None:
        await load(service, people.alice)
        assert await service.visible_to(people.charlie) == []
        faults = []
        for rfc in (RFC, str(COMPANY.rfc)):
            for attempt in (
                service.require_access(people.charlie, rfc),
                service.efirma(people.charlie, rfc),
                service.delete_efirma(people.charlie, rfc),
                service.accesos(people.charlie, rfc),
                service.grant_access(people.charlie, rfc, people.charlie.id or 0, AccessLevel.DUENO),
                service.revoke_access(people.charlie, rfc, people.alice.id or 0),
            ):
                with pytest.raises(e.ContribuyenteNotFound) as refused:
                    await attempt
                faults.append(refused.value.text.replace(rfc, "X"))
        assert len(set(faults)) == 1

    async def test_whoever_holds_the_same_efirma_is_told_somebody_else_owns_it(
        self, service: ContribuyentesService, people: People
    ) -> None:
        await load(service, people.alice)
        with pytest.raises(e.ContribuyenteOwned):
            await load(service, people.charlie)

    @pytest.mark.parametrize("level", [AccessLevel.LECTURA, AccessLevel.OPERACION])
    async def test_bob_sees_what_he_was_invited_to_and_owns_nothing(
        self, service: ContribuyentesService, people: People, level: AccessLevel
    ) -> None:
        await load(service, people.alice)
        await service.grant_access(people.alice, RFC, people.bob.id or 0, level)
        assert [item.level for item in await service.visible_to(people.bob)] == [level]
        assert (await service.efirma(people.bob, RFC)).days_left > 0
        for attempt in (
            load(service, people.bob, renewal=1),
            service.delete_efirma(people.bob, RFC),
            service.accesos(people.bob, RFC),
            service.grant_access(people.bob, RFC, people.charlie.id or 0, AccessLevel.LECTURA),
        ):
            with pytest.raises(e.AccessLevelTooLow):
                await attempt

    async def test_each_level_includes_those_before_it(self, service: ContribuyentesService, people: People) -> None:
        await load(service, people.alice)
        await service.grant_access(people.alice, RFC, people.bob.id or 0, AccessLevel.OPERACION)
        assert await service.require_access(people.bob, RFC, AccessLevel.LECTURA)
        assert await service.require_access(people.bob, RFC, AccessLevel.OPERACION)
        with pytest.raises(e.AccessLevelTooLow):
            await service.require_access(people.bob, RFC, AccessLevel.DUENO)

    async def test_the_last_owner_stays(self, service: ContribuyentesService, people: People) -> None:
        await load(service, people.alice)
        alice, bob = people.alice.id or 0, people.bob.id or 0
        with pytest.raises(e.LastOwner):
            await service.revoke_access(people.alice, RFC, alice)
        with pytest.raises(e.LastOwner):
            await service.grant_access(people.alice, RFC, alice, AccessLevel.LECTURA)
        await service.grant_access(people.alice, RFC, bob, AccessLevel.DUENO)
        await service.revoke_access(people.bob, RFC, alice)
        assert await service.visible_to(people.alice) == []
        assert [item.user_id for item in await service.accesos(people.bob, RFC)] == [bob]

    async def test_a_user_that_does_not_exist_is_named(self, service: ContribuyentesService, people: People) -> None:
        await load(service, people.alice)
        with pytest.raises(e.UserUnknown):
            await service.grant_access(people.alice, RFC, 999_999, AccessLevel.LECTURA)

    async def test_the_machines_owner_sees_all_and_may_load_for_somebody(
        self, service: ContribuyentesService, people: People
    ) -> None:
        files = an_efirma()
        terminal = Actor(None, "CLI")
        await service.upload_efirma(terminal, files.cer, files.key, PASSWORD)
        assert len(await service.visible_to(terminal)) == 1
        await service.upload_efirma(terminal, files.cer, files.key, PASSWORD, owner_id=people.alice.id)
        assert [item.level for item in await service.visible_to(people.alice)] == [AccessLevel.DUENO]

    async def test_an_rfc_without_owner_is_claimed_by_its_efirma(
        self, service: ContribuyentesService, people: People
    ) -> None:
        await load(service, Actor(None, "CLI"))
        assert (await load(service, people.bob)).level is AccessLevel.DUENO


class TestUnlock:
    async def test_it_signs_and_is_audited_with_its_reason(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        await load(service, people.alice)
        pair = await service.unlock(RFC, reason="Autentica", actor=SYSTEM)
        assert pair.sign_sha1(b"x") == an_efirma().pair.sign_sha1(b"x")
        async with database.transaction() as tx:
            told = (await tx.execute(text("select accion, despues from auditoria order by seq desc limit 1"))).one()
        assert told.accion == "USE_CREDENTIAL"
        assert told.despues == {"motivo": "Autentica", "numero_serie": pair.certificate.number}

    async def test_without_an_efirma_it_says_so(self, service: ContribuyentesService, people: People) -> None:
        with pytest.raises(e.EfirmaMissing):
            await service.unlock(RFC, reason="x", actor=SYSTEM)
        await load(service, people.alice)
        await service.delete_efirma(people.alice, RFC)
        with pytest.raises(e.EfirmaMissing):
            await service.unlock(RFC, reason="x", actor=SYSTEM)

    async def test_once_expired_it_is_not_lent(
        self, service: ContribuyentesService, people: People, clock: MovableClock
    ) -> None:
        await load(service, people.alice)
        clock.set(an_efirma().pair.certificate.not_after + timedelta(seconds=1))
        with pytest.raises(EfirmaExpired):
            await service.unlock(RFC, reason="x", actor=SYSTEM)
        assert (await service.efirma(people.alice, RFC)).state is EfirmaState.EXPIRED

    async def test_a_sealed_key_moved_to_another_row_does_not_open(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        await load(service, people.alice)
        await load(service, people.alice, COMPANY)
        async with database.transaction() as tx:
            await tx.execute(
                text("update efirmas set sealed_key = (select sealed_key from efirmas where holder_name = :name)"),
                {"name": COMPANY.name},
            )
        with pytest.raises(VaultError):
            await service.unlock(RFC, reason="x", actor=SYSTEM)


class TestStatus:
    async def test_it_tells_the_days_left_and_when_the_end_is_near(
        self, service: ContribuyentesService, people: People, clock: MovableClock
    ) -> None:
        await load(service, people.alice)
        until = an_efirma().pair.certificate.not_after
        for days, state in ((61, EfirmaState.VALID), (60, EfirmaState.ENDING), (0, EfirmaState.ENDING)):
            clock.set(until - timedelta(days=days))
            found = await service.efirma(people.alice, RFC)
            assert (found.days_left, found.state) == (days, state)

    async def test_days_are_those_of_mexico_citys_calendar_as_in_the_letters(
        self, service: ContribuyentesService, people: People, clock: MovableClock
    ) -> None:
        await load(service, people.alice)
        until = an_efirma().pair.certificate.not_after
        midnight = until.astimezone(MEXICO_CITY).replace(hour=0, minute=0, second=0)
        for moment, said in (
            (midnight - timedelta(days=1, seconds=1), "en 2 días"),
            (midnight - timedelta(days=1), "mañana"),
            (midnight, "hoy"),
            (until + timedelta(seconds=1), "hoy"),
            (midnight + timedelta(days=1), "ayer"),
            (midnight + timedelta(days=1003), "hace 1,003 días"),
        ):
            clock.set(moment)
            assert (await service.efirma(people.alice, RFC)).ends == said

    async def test_deleting_destroys_the_key_and_keeps_the_certificate(
        self, service: ContribuyentesService, people: People, files: Files
    ) -> None:
        found = await load(service, people.alice)
        await service.write_copies(found.id)
        number = an_efirma().pair.certificate.number
        assert await files.exists(f"{FOLDER}/{number}.key.sealed")
        await service.delete_efirma(people.alice, RFC)
        await service.write_copies(found.id)
        assert [item.key for item in await files.list("clientes")] == [f"{FOLDER}/{number}.cer.pem"]
        with pytest.raises(e.EfirmaNotFound):
            await service.efirma(people.alice, RFC)
        with pytest.raises(e.EfirmaNotFound):
            await service.delete_efirma(people.alice, RFC)


class TestCopies:
    async def test_the_certificate_is_in_clear_and_the_key_sealed(
        self, service: ContribuyentesService, people: People, files: Files, database: Database, vault: Vault
    ) -> None:
        found = await load(service, people.alice)
        await service.write_copies(found.id)
        number = an_efirma().pair.certificate.number
        assert (await files.get(f"{FOLDER}/{number}.cer.pem")).decode() == an_efirma().pair.certificate.pem
        async with database.transaction() as tx:
            row = (await tx.execute(text("select id::text, sealed_key from efirmas"))).one()
        stored = await files.get(f"{FOLDER}/{number}.key.sealed")
        assert stored == bytes(row.sealed_key)
        opened = vault.open(stored, table="efirmas", column="sealed_key", row=row.id)
        assert bytes(opened) == an_efirma().pair.private_key.to_der()

    async def test_writing_them_twice_changes_nothing_and_a_replaced_key_goes(
        self, service: ContribuyentesService, people: People, files: Files
    ) -> None:
        found = await load(service, people.alice)
        await service.write_copies(found.id)
        await load(service, people.alice, renewal=1)
        for _ in range(2):
            await service.write_copies(found.id)
        old, new = (an_efirma(renewal=renewal).pair.certificate.number for renewal in (0, 1))
        assert sorted(item.key.removeprefix(f"{FOLDER}/") for item in await files.list("clientes")) == sorted(
            [f"{old}.cer.pem", f"{new}.cer.pem", f"{new}.key.sealed"]
        )

    async def test_a_change_leaves_one_job_in_its_own_transaction(
        self, service: ContribuyentesService, people: People, database: Database
    ) -> None:
        await load(service, people.alice)
        with pytest.raises(AppError):
            await send(service, people.alice, a_csd())
        async with database.transaction() as tx:
            names = (await tx.execute(text("select task_name from procrastinate_jobs"))).scalars().all()
        assert names == ["mx.contribuyentes:write_copies"]


class TestSecrecy:
    async def test_nothing_secret_is_anywhere_in_clear(
        self,
        service: ContribuyentesService,
        people: People,
        database: Database,
        files: Files,
        tmp_path: Path,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        found = await load(service, people.alice)
        with pytest.raises(WrongKeyPassword) as refused:
            await service.upload_efirma(people.alice, an_efirma().cer, an_efirma().key, PASSWORD + "x")
        await service.unlock(RFC, reason="prueba", actor=SYSTEM)
        await service.write_copies(found.id)
        told = "".join(capfd.readouterr()) + f"{refused.value!r} {refused.value} {refused.value.details} {found!r}"
        seen = await dump(database) + told.encode()
        seen += everything_in(tmp_path)
        assert f"{FOLDER}/{found.efirma.number if found.efirma else ''}.key.sealed" in await stored_keys(files)
        assert an_efirma().pair.certificate.number.encode() in seen, "the dump sees nothing"
        for piece in secret_pieces():
            assert piece not in seen

    async def test_the_audit_chain_holds(self, service: ContribuyentesService, people: People, audit: Audit) -> None:
        await load(service, people.alice)
        await service.delete_efirma(people.alice, RFC)
        assert (await audit.verify()).is_intact


async def stored_keys(files: Files) -> list[str]:
    return [item.key for item in await files.list("clientes")]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def secret_pieces() -> Iterator[bytes]:
    """The password, and pieces of the key file and of the key, in the forms they could be written in."""
    yield PASSWORD.encode()
    yield PASSWORD.encode("latin-1")
    for secret in (an_efirma().key, an_efirma().pair.private_key.to_der()[300:]):
        for start in range(0, len(secret) - 48, 48):
            piece = secret[start : start + 24]
            yield from (piece, piece.hex().encode(), base64.b64encode(piece))


async def dump(database: Database) -> bytes:
    """Every row of every table, as text."""
    parts = []
    async with await psycopg.AsyncConnection.connect(database.conninfo) as connection, connection.cursor() as cursor:
        await cursor.execute("select quote_ident(tablename) from pg_tables where schemaname = 'public'")
        for (table,) in await cursor.fetchall():
            async with cursor.copy(f"copy {table} to stdout".encode()) as copy:
                parts += [bytes(block) async for block in copy]
    return b"\n".join(parts)
