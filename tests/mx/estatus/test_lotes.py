"""Many CFDIs asked about: each once, whatever stops the work."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.errors import Unavailable
from acuse.mx.archivo import CancellationsFound
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.estatus import LoteService
from acuse.mx.estatus.model import Lote, LoteState
from acuse.mx.outside.sat_consulta.simulator import ConsultaState, Fault
from acuse.notices.service import Outbox
from tests.mx.archivo.test_web import NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.estatus.conftest import job_of
from tests.support.cfdis import TAXPAYER

API = "/api/v1/sat/estatus/lotes"
QUERY = {"rfc": TAXPAYER.rfc, "fecha_inicio": "2025-10-01"}
WANTED = [entry for entry in NEWEST if entry.fecha.month >= 10]


@pytest.fixture(autouse=True)
def _later(alice: Visitor, clock: MovableClock) -> None:
    clock.move(hours=1)


@pytest.fixture
def lotes(site: Site) -> LoteService:
    return site.services[LoteService]


async def run_to_its_end(lotes: LoteService, lote: Lote) -> Lote:
    while lote.state is LoteState.RUNNING:
        await lotes.step(lote.id)
        lote = await lotes.get(SYSTEM, lote.id)
    return lote


async def test_the_same_batch_twice_is_one(alice: Visitor) -> None:
    first, second = [await alice.api.post(API, json=QUERY) for _ in range(2)]
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["total"] == len(WANTED)
    assert len((await alice.api.get(API)).json()["lotes"]) == 1


async def test_every_cfdi_is_asked_once_and_cancellations_go_in_one_letter(
    site: Site, lotes: LoteService, consulta: ConsultaState
) -> None:
    hit = [entry for entry in WANTED if not entry.cancelado][:3]
    for entry in hit:
        consulta.cancelled[entry.uuid.upper()] = "Cancelado sin aceptación"
    lote = await run_to_its_end(lotes, await lotes.create(SYSTEM, CfdiQuery.model_validate(QUERY)))
    assert (lote.done, consulta.calls, lote.found_cancelled) == (len(WANTED), len(WANTED), 3)
    async with site.house.database.transaction() as tx:
        waiting = (
            await tx.execute(text("select args from procrastinate_jobs where task_name = 'mx.cancelaciones:tell'"))
        ).scalars()
        told = [CancellationsFound.rebuild(each) for each in waiting]
    assert len(told) == 1
    for _ in range(2):
        await job_of(site, "mx.cancelaciones:tell").run(told[0])
    letters = [each for each in (await site.services[Outbox].list()).items if each.template == "cfdi_cancelados"]
    assert len(letters) == 1
    assert all(entry.uuid.upper() in letters[0].text for entry in hit)


async def test_it_goes_on_where_the_sat_failed(lotes: LoteService, consulta: ConsultaState) -> None:
    lote = await lotes.create(SYSTEM, CfdiQuery.model_validate(QUERY))
    await lotes.step(lote.id)
    consulta.faults.append(Fault(status=500))
    with pytest.raises(Unavailable):
        await lotes.step(lote.id)
    stopped = await lotes.get(SYSTEM, lote.id)
    assert stopped.problem
    ended = await run_to_its_end(lotes, await lotes.resume(SYSTEM, lote.id))
    assert (ended.done, ended.problem) == (len(WANTED), None)
    assert consulta.calls == len(WANTED) + 1


async def test_cut_off_anywhere_no_cfdi_is_left_out_or_kept_twice(
    site: Site, lotes: LoteService, consulta: ConsultaState
) -> None:
    lote = await lotes.create(SYSTEM, CfdiQuery.model_validate(QUERY))
    chance = random.Random(5)
    for _ in range(25):
        task = asyncio.create_task(lotes.step(lote.id))
        await asyncio.sleep(chance.random() / 12)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    ended = await run_to_its_end(lotes, await lotes.get(SYSTEM, lote.id))
    async with site.house.database.transaction() as tx:
        kept = (await tx.execute(text("select count(*), count(distinct uuid) from cfdi_consultas"))).one()
    assert (ended.done, *kept) == (len(WANTED),) * 3


async def test_another_persons_batch_does_not_exist(alice: Visitor, charlie: Visitor) -> None:
    made = (await alice.api.post(API, json=QUERY)).json()
    answer = await charlie.api.get(f"{API}/{made['id']}")
    assert (answer.status_code, answer.json()["error"]) == (404, "ESTATUS_LOTE_NOT_FOUND")


async def test_an_empty_filter_says_what_to_do(alice: Visitor) -> None:
    answer = await alice.api.post(API, json={"rfc": TAXPAYER.rfc, "fecha_inicio": "2030-01-01"})
    assert (answer.status_code, answer.json()["error"]) == (400, "ESTATUS_LOTE_EMPTY")


async def test_the_page_shows_how_far_it_is(alice: Visitor, lotes: LoteService) -> None:
    sent = await alice.browser.post("/app/estatus/lotes", data=QUERY)
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"].partition("?")[0]
    running = await alice.browser.get(f"{path}/avance")
    assert (running.status_code, "hx-get" in running.text) == (200, True)
    lote = (await lotes.list(SYSTEM))[0]
    await run_to_its_end(lotes, lote)
    done = await alice.browser.get(f"{path}/avance")
    assert (done.status_code, "hx-get" in done.text, "Sin novedades" in done.text) == (200, False, True)
    page = (await alice.browser.get(path)).text
    assert "Terminado" in page
    assert "Sin novedades" in page
    listed = (await alice.browser.get("/app/estatus")).text
    assert "Consultas en lote" in listed
    assert f"{TAXPAYER.rfc} · desde: 01/10/2025" in listed


async def test_what_somebody_should_look_at_is_named(
    alice: Visitor, charlie: Visitor, lotes: LoteService, consulta: ConsultaState
) -> None:
    """A cancellation found and one under way; what was known to be cancelled is no news."""
    one, other = [entry for entry in WANTED if not entry.cancelado][:2]
    consulta.cancelled[one.uuid.upper()] = "Cancelado sin aceptación"
    consulta.cancelling[other.uuid.upper()] = "En proceso"
    lote_id = (await alice.api.post(API, json=QUERY)).json()["id"]
    await run_to_its_end(lotes, (await lotes.list(SYSTEM))[0])
    told = (await alice.api.get(f"{API}/{lote_id}/hallazgos")).json()["hallazgos"]
    assert [(each["rfc"], each["uuid"], each["estado"]) for each in told] == [
        (TAXPAYER.rfc, one.uuid.upper(), "Cancelado"),
        (TAXPAYER.rfc, other.uuid.upper(), "Vigente"),
    ]
    page = (await alice.browser.get(f"/app/estatus/lotes/{lote_id}")).text
    for each in (one, other):
        assert f"/app/cfdi/{TAXPAYER.rfc}/{each.uuid.upper()}" in page
    assert (await charlie.api.get(f"{API}/{lote_id}/hallazgos")).status_code == 404


async def test_the_board_of_jobs_says_whose_and_how_many(site: Site, alice: Visitor) -> None:
    lote_id = (await alice.api.post(API, json=QUERY)).json()["id"]
    (subject,) = site.services.mounted["estatus"].subjects
    async with site.house.database.transaction() as tx:
        told = await subject.told(tx, [lote_id, "no es un id"])
    assert told == {lote_id: f"{TAXPAYER.rfc} · {len(WANTED)} CFDI"}
