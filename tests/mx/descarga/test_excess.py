"""More than the SAT hands out: divided until it fits, every CFDI once, nothing asked in vain."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from acuse.mx.archivo import ArchivoService
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import read_date
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.store import Filtros
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Document, Family, Operation, Outcome
from tests.mx.descarga.conftest import RFC, Office, documents, limited, parametros

LIMIT = 50
CROWD = 450
MONTH = int(os.environ.get("ACUSE_MONTH", "450"))
"""CFDIs in a month against a limit of four ninths of them; 450000 is the full proof, at the SAT's own limit."""
JANUARY = read_date("2025-01-01")


def crowd() -> list[Document]:
    """A January of 450 CFDIs, three to each of its moments."""
    model = next(document for document in documents() if document.rfc_emisor == RFC and document.efecto == "I")
    return [copy_of(model, number, JANUARY + timedelta(minutes=97 * (number - number % 3))) for number in range(CROWD)]


def copy_of(model: Document, number: int, fecha: datetime) -> Document:
    """The same CFDI under another folio fiscal, issued at another moment."""
    uuid = str(UUID(int=0x5000_0000_0000 + number)).upper()

    def xml() -> bytes:
        old, new = model.fecha.isoformat().encode(), fecha.isoformat().encode()
        return model.xml().replace(model.uuid.encode(), uuid.encode()).replace(old, new)

    return replace(model, uuid=uuid, fecha=fecha, fecha_timbrado=fecha, fecha_cancelacion=None, xml=xml)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"SAT_MAX_XML": str(LIMIT)}


@pytest.fixture
def crowded(office: Office) -> Office:
    """The SAT holds 450 CFDIs in January and hands out fifty at once."""
    office.sat.hold(Family.CFDI, RFC, crowd())
    limited(office, max_xml=LIMIT, xml_per_package=1000)
    return office


async def known(office: Office) -> int:
    return (await office.services[ArchivoService].counts(office.alice, rfc=RFC)).total


async def asked(office: Office, solicitud_id: UUID) -> list[SolicitudRow]:
    detail = await office.reading.solicitud(office.alice, solicitud_id)
    return [row for part in detail.parts for _, row in part.walk()]


def expected() -> set[UUID]:
    return {UUID(document.uuid) for document in crowd()}


async def indexed(office: Office) -> list[UUID]:
    return [row["uuid"] for row in await office.sql("SELECT uuid FROM cfdi WHERE xml_paquete_id IS NOT NULL")]


async def test_a_month_over_the_limit_arrives_whole_every_uuid_once(crowded: Office) -> None:
    row = await crowded.sending.send(crowded.alice, RFC, parametros())
    await crowded.settle(rounds=40)
    row = await crowded.solicitud(row.id)
    assert row.estado is Estado.COMPLETA
    assert sorted(await indexed(crowded)) == sorted(expected())
    parts = await asked(crowded, row.id)
    assert all(part.parent_id for part in parts)
    assert {part.estado for part in parts} <= {Estado.COMPLETA, Estado.SIN_CFDI}
    assert not [entry for entry in crowded.sat.ledger.entries if entry.answer == "5002"]


@pytest.mark.timeout(600 + MONTH // 100)
@pytest.mark.parametrize("tipo", [TipoSolicitud.METADATA, TipoSolicitud.CFDI])
async def test_a_month_of_any_size_over_the_limit_arrives_whole_every_uuid_once(
    office: Office, tipo: TipoSolicitud
) -> None:
    model = next(document for document in documents() if document.rfc_emisor == RFC and document.efecto == "I")
    step = timedelta(days=31) / MONTH
    dates = [(JANUARY + number * step).replace(microsecond=0) for number in range(MONTH)]
    month = [copy_of(model, number, fecha) for number, fecha in enumerate(dates)]
    office.sat.hold(Family.CFDI, RFC, month)
    most = MONTH * 4 // 9
    limited(office, max_metadata=most, max_xml=most, metadata_per_package=100_000, xml_per_package=10_000)
    row = await office.sending.send(office.alice, RFC, parametros(tipo=tipo))
    await office.settle(rounds=40)
    assert (await office.solicitud(row.id)).estado is Estado.COMPLETA
    assert len(await asked(office, row.id)) == 6
    ((read,),) = [each.values() for each in await office.sql("SELECT sum(read) FROM indexed_paquetes")]
    stored = [each["uuid"] for each in await office.sql("SELECT uuid FROM cfdi")]
    assert int(read) == len(stored) == MONTH
    assert set(stored) == {UUID(document.uuid) for document in month}
    if tipo is TipoSolicitud.CFDI:
        assert len(await indexed(office)) == MONTH


async def test_halves_without_counts_and_the_tree_tells_who_belongs_to_whom(crowded: Office) -> None:
    row = await crowded.sending.send(crowded.alice, RFC, parametros())
    await crowded.pass_time(minutes=2)
    await crowded.run_jobs(only="verify")
    row = await crowded.solicitud(row.id)
    assert row.estado is Estado.DIVIDIDA
    detail = await crowded.reading.solicitud(crowded.alice, row.id)
    first, second = [part.solicitud for part in detail.parts]
    assert (first.fecha_inicio, second.fecha_fin) == (row.fecha_inicio, row.fecha_fin)
    assert second.fecha_inicio - first.fecha_fin == timedelta(seconds=1)
    assert Suceso.DIVISION in [line.suceso for line in detail.history]
    page = await crowded.reading.solicitudes(crowded.alice, filtros=Filtros(whole=True))
    assert [one.id for one in page.items] == [row.id]


async def test_with_metadata_indexed_nothing_is_asked_that_would_not_fit(crowded: Office) -> None:
    await crowded.sending.send(crowded.alice, RFC, parametros(tipo=TipoSolicitud.METADATA))
    await crowded.settle()
    assert await known(crowded) == CROWD
    before = crowded.sat.ledger.count(Operation.EMITIDOS)
    row = await crowded.sending.send(crowded.alice, RFC, parametros())
    assert row.estado is Estado.DIVIDIDA
    await crowded.settle(rounds=40)
    row = await crowded.solicitud(row.id)
    parts = await asked(crowded, row.id)
    assert row.estado is Estado.COMPLETA
    assert row.sends == 0
    assert {part.estado for part in parts} == {Estado.COMPLETA}
    assert crowded.sat.ledger.count(Operation.EMITIDOS) - before == len(parts) == 10
    assert sorted(await indexed(crowded)) == sorted(expected())


async def test_a_year_is_divided_by_month(crowded: Office) -> None:
    row = await crowded.sending.send(crowded.alice, RFC, parametros("2025-01-01", "2025-12-31"))
    await crowded.pass_time(minutes=2)
    await crowded.run_jobs(only="verify")
    detail = await crowded.reading.solicitud(crowded.alice, row.id)
    assert [part.solicitud.fecha_inicio.month for part in detail.parts] == list(range(1, 13))


@pytest.mark.parametrize("estado", [1, 2, 3, 4, 5, 6])
async def test_code_5003_divides_in_any_state(office: Office, estado: int) -> None:
    limited(office, max_xml=0, over_limit_estado=estado)
    row = await office.sending.send(office.alice, RFC, parametros())
    await office.pass_time(minutes=2)
    await office.run_jobs(only="verify")
    assert (await office.solicitud(row.id)).estado is Estado.DIVIDIDA


async def test_one_crowded_second_is_asked_by_kind_and_then_by_counterpart(office: Office) -> None:
    model = next(document for document in documents() if document.rfc_emisor == RFC and document.efecto == "I")
    office.sat.hold(Family.CFDI, RFC, [copy_of(model, number, JANUARY) for number in range(LIMIT + 1)])
    limited(office, max_xml=LIMIT)
    await office.sending.send(office.alice, RFC, parametros(tipo=TipoSolicitud.METADATA))
    await office.settle()
    row = await office.sending.send(office.alice, RFC, parametros("2025-01-01T00:00:00", "2025-01-01T00:00:01"))
    await office.settle(rounds=60)
    rows = await asked(office, row.id)
    assert any(one.efecto == "I" and one.counterparts for one in rows)
    assert Estado.EXCEDIDA in {one.estado for one in rows}
    row = await office.solicitud(row.id)
    assert row.estado is Estado.DIVIDIDA
    assert "requiere" in (row.problem or "")


async def test_a_part_that_failed_is_told_by_the_whole(crowded: Office) -> None:
    row = await crowded.sending.send(crowded.alice, RFC, parametros())
    await crowded.pass_time(minutes=2)
    await crowded.run_jobs(only="verify")
    crowded.sat.switches.end_next(Outcome(estado=4))
    await crowded.settle(rounds=40)
    row = await crowded.solicitud(row.id)
    assert row.estado is Estado.DIVIDIDA
    assert "Una de sus partes" in (row.problem or "")


async def test_received_ones_are_divided_too(office: Office) -> None:
    limited(office, max_xml=3, xml_per_package=1000)
    row = await office.sending.send(
        office.alice, RFC, parametros("2025-01-01", "2025-03-31", sentido=Sentido.RECIBIDOS)
    )
    await office.settle(rounds=60)
    assert (await office.solicitud(row.id)).estado is Estado.COMPLETA
    wanted = {
        UUID(one.uuid)
        for one in documents()
        if one.rfc_receptor == RFC and one.fecha.month <= 3 and one.fecha_cancelacion is None
    }
    assert wanted <= set(await indexed(office))
