"""The fourteen of a year, from one click to indexed CFDIs."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from datetime import UTC, datetime

import pytest

from acuse.mx.archivo import ArchivoService
from acuse.mx.certificates import EfirmaExpired
from acuse.mx.contribuyentes import AccessLevelTooLow, ContribuyenteNotFound, ContribuyentesService, EfirmaMissing
from acuse.mx.descarga.errors import YearOutOfRange
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Operation
from tests.mx.descarga.conftest import RFC, YEAR, Office, corpus


async def test_a_whole_year_arrives(office: Office) -> None:
    plan = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    assert plan.created == 14
    await office.settle()
    page = await office.reading.solicitudes(office.alice)
    assert {row.estado for row in page.items} <= {Estado.COMPLETA, Estado.SIN_CFDI}
    issued = [entry for entry in corpus().entries() if entry.emisor_rfc == RFC]
    counts = await office.services[ArchivoService].counts(office.alice)
    assert counts.total == len(issued) > 20
    assert sum(row.numero_cfdis or 0 for row in page.items if row.tipo is TipoSolicitud.METADATA) == len(issued)
    assert office.sat.ledger.count(Operation.EMITIDOS) == 14
    assert office.sat.ledger.count(Operation.AUTENTICA) <= 4


async def test_packages_and_texts_lie_in_the_tree(office: Office) -> None:
    await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    await office.settle()
    keys = [item.key for item in await office.house.files.list(f"clientes/{RFC}/{YEAR}")]
    packages = [key for key in keys if key.endswith(".zip")]
    assert {key.split("/")[4] for key in packages} == {"cfdi", "metadata"}
    for key in packages:
        assert zipfile.ZipFile(io.BytesIO(await office.house.files.get(key))).testzip() is None
    folder = f"clientes/{RFC}/{YEAR}/solicitudes"
    solicitudes = (await office.house.files.get(f"{folder}/id_solicitud.txt")).decode().splitlines()
    assert solicitudes[0] == "id\ttipo\tE/R\tinicio\tfin\testado"
    assert len(solicitudes) == 15
    paquetes = (await office.house.files.get(f"{folder}/paquetes.txt")).decode().splitlines()
    assert len(paquetes) == 1 + len(packages)
    history = list(csv.reader(io.StringIO((await office.house.files.get(f"{folder}/historial.csv")).decode())))
    assert history[0] == ["fecha", "solicitud", "suceso", "código", "mensaje"]
    assert len(history) > 14 * 5


async def test_asked_twice_there_are_still_fourteen(office: Office) -> None:
    first = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    second = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    assert second.created == 0
    assert [row.id for row in second.solicitudes] == [row.id for row in first.solicitudes]


async def test_two_people_at_once_send_fourteen_not_twenty_eight(office: Office) -> None:
    plans = await asyncio.gather(
        *(office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS) for _ in range(4))
    )
    assert sorted(plan.created for plan in plans) == [0, 0, 0, 14]
    await office.settle()
    assert office.sat.ledger.count(Operation.EMITIDOS) == 14


async def test_the_running_year_sends_what_is_over_and_schedules_the_rest(office: Office) -> None:
    plan = await office.sending.send_year(office.alice, RFC, 2026, Sentido.EMITIDOS)
    by_estado = {estado: [row for row in plan.solicitudes if row.estado is estado] for estado in Estado}
    assert len(by_estado[Estado.POR_ENVIAR]) == 4
    assert len(by_estado[Estado.PROGRAMADA]) == 10
    running = [row for row in by_estado[Estado.POR_ENVIAR] if row.fecha_inicio.month == 3]
    assert [row.fecha_fin.isoformat() for row in running] == ["2026-03-02T11:00:00"]
    await office.settle()
    assert office.sat.ledger.count(Operation.EMITIDOS) == 4
    later = datetime(2026, 5, 1, 7, 0, 1, tzinfo=UTC)
    office.clock.set(later)
    office.sat.clock.set(later)
    await office.sync.run()
    await office.settle()
    assert office.sat.ledger.count(Operation.EMITIDOS) == 5


async def test_what_was_asked_while_its_month_ran_is_asked_whole_once_it_is_over(office: Office) -> None:
    first = await office.sending.send_year(office.alice, RFC, 2026, Sentido.EMITIDOS)
    await office.settle()
    assert (await office.sending.send_year(office.alice, RFC, 2026, Sentido.EMITIDOS)).created == 0
    later = datetime(2026, 4, 1, 7, 0, tzinfo=UTC)
    office.clock.set(later)
    office.sat.clock.set(later)
    again = await asyncio.gather(
        *(office.sending.send_year(office.alice, RFC, 2026, Sentido.EMITIDOS) for _ in range(2))
    )
    assert sorted(plan.created for plan in again) == [0, 1]
    months = [row for row in again[0].solicitudes if row.tipo is TipoSolicitud.CFDI]
    assert len(again[0].solicitudes) == 14
    assert [(row.fecha_inicio.isoformat(), row.fecha_fin.isoformat()) for row in months][2] == (
        "2026-03-01T00:00:00",
        "2026-03-31T23:59:59",
    )
    assert {row.id for row in first.solicitudes} - {row.id for row in again[0].solicitudes}
    await office.settle()
    assert office.sat.ledger.count(Operation.EMITIDOS) == 5


async def test_received_ones_too_have_fourteen_of_their_own(office: Office) -> None:
    await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    plan = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.RECIBIDOS)
    assert plan.created == 14
    assert {row.estado_comprobante for row in plan.solicitudes if row.tipo is TipoSolicitud.CFDI} == {"Vigente"}
    await office.settle()
    progress = await office.reading.plan(office.alice, plan.plan.id)
    assert progress.ended == progress.total == 14
    assert progress.failed == 0


async def test_years_the_sat_does_not_hand_out_are_refused(office: Office) -> None:
    for year in (2020, 2027):
        with pytest.raises(YearOutOfRange):
            await office.sending.send_year(office.alice, RFC, year, Sentido.EMITIDOS)


async def test_without_efirma_nothing_is_written(office: Office) -> None:
    await office.services[ContribuyentesService].delete_efirma(office.alice, RFC)
    with pytest.raises(EfirmaMissing):
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    assert (await office.reading.solicitudes(office.alice)).items == []


async def test_an_expired_efirma_is_told_before_anything_is_written(office: Office) -> None:
    office.clock.set(datetime(2029, 3, 2, 18, tzinfo=UTC))
    with pytest.raises(EfirmaExpired, match="venció el"):
        await office.sending.send_year(office.alice, RFC, 2028, Sentido.EMITIDOS)
    assert (await office.reading.solicitudes(office.alice)).items == []


async def test_who_may_only_look_cannot_send_and_a_stranger_sees_nothing(office: Office) -> None:
    with pytest.raises(AccessLevelTooLow):
        await office.sending.send_year(office.bob, RFC, YEAR, Sentido.EMITIDOS)
    with pytest.raises(ContribuyenteNotFound):
        await office.sending.send_year(office.charlie, RFC, YEAR, Sentido.EMITIDOS)
