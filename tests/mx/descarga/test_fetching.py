"""Packages: stored before anything else, downloaded at most twice, indexed once, whatever dies in between."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from acuse.kernel.errors import AppError
from acuse.kernel.presence import Presence
from acuse.mx.archivo import ArchivoService
from acuse.mx.descarga.errors import PaqueteBusy, PaqueteNotFound, PaqueteNotStored, PaqueteSpent
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.fetching import FETCH_LEASE
from acuse.mx.descarga.service.indexing import LEFT_LYING
from acuse.mx.descarga.tables import PaqueteRow
from acuse.mx.outside.sat_descarga.simulator import Fault, Operation, create_app
from tests.mx.descarga.conftest import ORIGIN, RFC, Office, limited, parametros


class KilledError(BaseException):
    """The process is gone."""


async def ready(office: Office) -> PaqueteRow:
    """Bring a solicitud of January to where its one package waits to be downloaded."""
    await office.sending.send(office.alice, RFC, parametros())
    await office.pass_time(minutes=2)
    await office.run_jobs(only="verify")
    (paquete,) = await office.paquetes()
    return paquete


async def the_paquete(office: Office) -> PaqueteRow:
    (paquete,) = await office.paquetes()
    return paquete


class TestFetch:
    async def test_bytes_are_those_of_the_sat_and_their_digest_is_kept(self, office: Office) -> None:
        paquete = await ready(office)
        await office.run_jobs(only="fetch")
        paquete = await the_paquete(office)
        content = await office.house.files.get(paquete.storage_key)
        assert paquete.sha256 == hashlib.sha256(content).hexdigest()
        assert paquete.size_bytes == len(content)
        assert paquete.storage_key == f"clientes/{RFC}/2025/paquetes/cfdi/{paquete.id_paquete}.zip"
        assert paquete.downloads == 1

    async def test_several_workers_download_once(self, office: Office) -> None:
        paquete = await ready(office)
        done = await asyncio.gather(*(office.fetching.fetch(paquete.id) for _ in range(6)))
        assert done.count(True) == 1
        assert office.sat.ledger.count(Operation.DESCARGAR) == 1

    async def test_a_stored_one_is_never_asked_again(self, office: Office) -> None:
        paquete = await ready(office)
        for _ in range(3):
            await office.fetching.download(office.alice, paquete.id)
        assert office.sat.ledger.count(Operation.DESCARGAR) == 1

    async def test_second_try_is_the_last(self, office: Office) -> None:
        paquete = await ready(office)
        office.sat.switches.fail(Fault(operation="descargar", garbage=True, after=True, times=9))
        for _ in range(6):
            await office.pass_time(minutes=10)
            await office.run_jobs(only="fetch")
        paquete = await the_paquete(office)
        assert office.sat.ledger.count(Operation.DESCARGAR) == 2
        assert paquete.lost
        assert (await office.solicitud(paquete.solicitud_id)).estado is Estado.ERROR
        with pytest.raises(PaqueteSpent):
            await office.fetching.download(office.alice, paquete.id)

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(operation="descargar", code=300),
            Fault(operation="descargar", code=404),
            Fault(operation="descargar", status=503),
            Fault(operation="autentica", status=503),
        ],
    )
    async def test_refusal_that_hands_nothing_out_spends_nothing(self, office: Office, fault: Fault) -> None:
        await ready(office)
        await office.pass_time(minutes=5)
        office.sat.switches.fail(fault)
        await office.run_jobs(only="fetch")
        await office.pass_time(minutes=5)
        await office.run_jobs(only="fetch")
        paquete = await the_paquete(office)
        assert paquete.stored_at is not None
        assert paquete.downloads == 1

    async def test_by_hand_the_fault_is_told(self, office: Office) -> None:
        paquete = await ready(office)
        office.sat.switches.fail(Fault(operation="descargar", status=503))
        with pytest.raises(AppError, match="SAT"):
            await office.fetching.download(office.alice, paquete.id)

    async def test_expired_package_ends_its_solicitud(self, office: Office) -> None:
        paquete = await ready(office)
        await office.pass_time(hours=80)
        await office.run_jobs(only="fetch")
        assert (await office.solicitud(paquete.solicitud_id)).estado is Estado.VENCIDA
        assert office.sat.ledger.count(Operation.DESCARGAR) == 1

    async def test_spent_at_the_sat_already_it_is_not_asked_again(self, office: Office) -> None:
        paquete = await ready(office)
        limited(office, downloads_per_package=0)
        await office.run_jobs(only="fetch")
        paquete = await the_paquete(office)
        assert paquete.lost
        assert "dos veces" in (paquete.problem or "")

    async def test_a_stranger_finds_nothing_and_a_reader_may_take_the_file(self, office: Office) -> None:
        paquete = await ready(office)
        with pytest.raises(PaqueteNotFound):
            await office.fetching.download(office.charlie, paquete.id)
        with pytest.raises(PaqueteNotStored):
            await office.reading.paquete_file(office.bob, paquete.id)
        await office.run_jobs(only="fetch")
        with pytest.raises(PaqueteNotFound):
            await office.reading.paquete_file(office.charlie, paquete.id)
        found, content = await office.reading.paquete_file(office.bob, paquete.id)
        assert len(b"".join([piece async for piece in content])) == found.size_bytes


class TestCrashes:
    async def test_died_between_the_answer_and_the_storage(self, office: Office) -> None:
        """The download is spent, the bytes are gone: once its claimant is known to be dead it is fetched again."""
        paquete = await ready(office)
        other = Presence(office.house.settings.core.acuse_home / "processes")
        with other.work() as work:
            taken = "UPDATE paquetes SET downloads = 1, busy_by = :work, busy_until = :until RETURNING id"
            await office.sql(taken, work=work, until=office.clock.now() + FETCH_LEASE)
            assert not await office.fetching.fetch(paquete.id)
            with pytest.raises(PaqueteBusy):
                await office.fetching.download(office.alice, paquete.id)
            other.close()
        assert await office.fetching.fetch(paquete.id)
        paquete = await the_paquete(office)
        assert paquete.downloads == 2
        assert paquete.stored_at is not None
        assert office.sat.ledger.count(Operation.DESCARGAR) == 1

    async def test_claimed_on_another_machine_it_is_left_alone_until_the_claim_has_run_out(
        self, office: Office
    ) -> None:
        paquete = await ready(office)
        taken = "UPDATE paquetes SET busy_by = 'elsewhere.1', busy_until = :until RETURNING id"
        await office.sql(taken, until=office.clock.now() + FETCH_LEASE)
        assert not await office.fetching.fetch(paquete.id)
        await office.pass_time(seconds=FETCH_LEASE.total_seconds() + 1)
        await office.sync.run()
        await office.run_jobs(only="fetch")
        assert (await the_paquete(office)).stored_at is not None

    async def test_died_before_it_could_ask_nothing_is_spent(self, office: Office) -> None:
        """Killed while it authenticated: no call for the package had left."""
        paquete = await ready(office)
        await office.pass_time(minutes=5)

        async def dies(scope: Any, receive: Any, send: Any) -> None:
            raise KilledError

        alive = create_app(office.sat)
        office.house.http.mount(ORIGIN, dies)
        with pytest.raises(KilledError):
            await office.fetching.fetch(paquete.id)
        assert (await the_paquete(office)).downloads == 0
        office.house.http.mount(ORIGIN, alive)
        assert await office.fetching.fetch(paquete.id)
        assert (await the_paquete(office)).downloads == 1

    async def test_died_between_the_storage_and_the_record(self, office: Office) -> None:
        """The bytes are in the storage: they are adopted, and the SAT is not asked again."""
        paquete = await ready(office)
        await office.run_jobs(only="fetch")
        stored = await the_paquete(office)
        await office.sql(
            "UPDATE paquetes SET stored_at = NULL, sha256 = NULL, size_bytes = NULL, next_try_at = found_at,"
            " busy_until = found_at RETURNING id"
        )
        await office.sql("DELETE FROM procrastinate_jobs RETURNING id")
        await office.sync.run()
        await office.run_jobs()
        again = await the_paquete(office)
        assert (again.sha256, again.size_bytes, again.downloads) == (stored.sha256, stored.size_bytes, 1)
        assert office.sat.ledger.count(Operation.DESCARGAR) == 1
        detail = await office.reading.solicitud(office.alice, paquete.solicitud_id)
        assert Suceso.RECUPERADO in [line.suceso for line in detail.history]
        assert detail.solicitud.estado is Estado.COMPLETA

    async def test_died_between_the_record_and_the_index(self, office: Office) -> None:
        """The job of the index is lost: the schedule finds the package lying there."""
        await ready(office)
        await office.run_jobs(only="fetch")
        await office.sql("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%index' RETURNING id")
        assert (await office.sync.run()).indexed == 0
        await office.pass_time(seconds=LEFT_LYING.total_seconds() + 1)
        assert (await office.sync.run()).indexed == 1
        await office.run_jobs(only="index")
        assert (await the_paquete(office)).indexed_at is not None

    async def test_indexed_again_and_again_there_is_nothing_twice(self, office: Office) -> None:
        paquete = await ready(office)
        await office.run_jobs()
        before = (await office.services[ArchivoService].counts(office.alice)).total
        for _ in range(3):
            await office.sql("UPDATE paquetes SET indexed_at = NULL RETURNING id")
            await office.indexing.index(paquete.id)
        assert (await office.services[ArchivoService].counts(office.alice)).total == before > 0

    async def test_package_that_came_damaged_is_asked_once_more(self, office: Office) -> None:
        await ready(office)
        office.sat.switches.fail(Fault(operation="descargar", broken_zip=True))
        await office.run_jobs(only="fetch")
        damaged = await the_paquete(office)
        await office.run_jobs(only="index")
        waiting = await the_paquete(office)
        assert (waiting.stored_at, waiting.downloads, "dañado" in str(waiting.problem)) == (None, 1, True)
        await office.pass_time(minutes=2)
        await office.run_jobs()
        paquete = await the_paquete(office)
        assert (paquete.downloads, paquete.problem, paquete.indexed_at is not None) == (2, None, True)
        assert (await office.solicitud(paquete.solicitud_id)).estado is Estado.COMPLETA
        assert await office.house.files.exists(damaged.storage_key), "what came first is kept"

    async def test_package_that_came_damaged_twice_ends_its_solicitud(self, office: Office) -> None:
        await ready(office)
        office.sat.switches.fail(Fault(operation="descargar", broken_zip=True, times=2))
        for _ in range(3):
            await office.run_jobs()
            await office.pass_time(minutes=10)
        paquete = await the_paquete(office)
        solicitud = await office.solicitud(paquete.solicitud_id)
        assert (paquete.lost, paquete.downloads, solicitud.estado) == (True, 2, Estado.ERROR)
        assert "ya se usaron" in str(solicitud.problem)
        assert office.sat.ledger.calls["descargar"] == 2

    async def test_solicitud_of_several_packages_ends_with_the_last(self, office: Office) -> None:
        limited(office, xml_per_package=4)
        await office.sending.send(office.alice, RFC, parametros("2025-01-01", "2025-06-30"))
        await office.pass_time(minutes=2)
        await office.run_jobs(only="verify")
        paquetes = await office.paquetes()
        assert len(paquetes) > 1
        await office.run_jobs(only="fetch")
        for paquete in paquetes[:-1]:
            await office.indexing.index(paquete.id)
        assert (await office.solicitud(paquetes[0].solicitud_id)).estado is Estado.LISTA
        await asyncio.gather(*(office.indexing.index(paquete.id) for paquete in paquetes))
        assert (await office.solicitud(paquetes[0].solicitud_id)).estado is Estado.COMPLETA
