"""`acuse cfdi status` and `status-lote` at a desk."""

from __future__ import annotations

from uuid import UUID

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.estatus import LoteService
from acuse.mx.estatus.cli import commands
from acuse.mx.estatus.errors import LoteEmpty, LoteFinished
from acuse.mx.outside.sat_consulta.simulator import ConsultaState
from tests.mx.archivo.test_web import NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.cfdis import TAXPAYER
from tests.support.desk import Desk

ALIVE = next(entry for entry in NEWEST if not entry.cancelado)


@pytest.fixture
def desk(site: Site, alice: Visitor, clock: MovableClock) -> Desk:
    """The commands, over Alice's small year."""
    assert alice.user.is_active
    clock.move(hours=1)
    return Desk(site.services, commands)


async def test_one_is_asked_about_and_its_story_kept(desk: Desk, consulta: ConsultaState) -> None:
    assert (await desk.run("status", ALIVE.uuid))["estado"] == "Vigente"
    consulta.cancelled[ALIVE.uuid.upper()] = "Cancelado sin aceptación"
    told = await desk.run("status", ALIVE.uuid, "--rfc", TAXPAYER.rfc)
    assert (told["estado"], told["estatus_cancelacion"]) == ("Cancelado", "Cancelado sin aceptación")
    calls = consulta.calls
    history = await desk.run("status", ALIVE.uuid, "--history")
    assert [row["estado"] for row in history] == ["Cancelado", "Vigente"]
    assert consulta.calls == calls


async def test_a_filter_is_asked_about_in_the_background(site: Site, desk: Desk) -> None:
    lote = await desk.run("status-lote", "--rfc", TAXPAYER.rfc, "--desde", "2025-12-01", "--efecto", "ingreso")
    wanted = [entry for entry in NEWEST if entry.fecha.month == 12 and entry.efecto == "I"]
    assert (lote["total"], lote["consultados"]) == (len(wanted), 0)
    service = site.services[LoteService]
    for _ in range(3):
        await service.step(UUID(lote["id"]))
    ended = await desk.run("status-lote", "--ver", lote["id"])
    assert ended["consultados"] == len(wanted)
    assert ended["terminado"] is not None
    with pytest.raises(LoteFinished):
        await desk.run("status-lote", "--reanudar", lote["id"])


async def test_a_filter_nothing_matches_is_told(desk: Desk) -> None:
    with pytest.raises(LoteEmpty):
        await desk.run("status-lote", "--desde", "2031-01-01")
