"""From what the SAT knows to what is here: months, what is missing, and fetching it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from acuse.mx.completitud import CompletitudService, EstadoMes, Mes
from acuse.mx.completitud.model import periodo_of, read_month
from acuse.mx.contribuyentes import ContribuyenteNotFound
from acuse.mx.descarga.model.periodo import Periodo
from acuse.mx.descarga.service import MissingService
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Document, Family, Operation
from tests.mx.descarga.conftest import RFC, YEAR, Office, clock, documents, environment, office, parametros

__all__ = ["clock", "environment", "office"]


def of_month(month: int, *, received: bool) -> list[Document]:
    side = "rfc_receptor" if received else "rfc_emisor"
    return [one for one in documents() if getattr(one, side) == RFC and one.fecha.month == month]


def alive(documents_: list[Document]) -> list[Document]:
    return [one for one in documents_ if one.fecha_cancelacion is None]


RECEIVED = next(month for month in range(1, 13) if 1 < len(alive(of_month(month, received=True))) <= 20)
ISSUED = next(
    month
    for month in range(1, 13)
    if 1 < len(of_month(month, received=False)) == len(alive(of_month(month, received=False))) <= 20
)


async def know(office: Office, sentido: Sentido) -> None:
    """Ask the Metadata of the year."""
    asked = parametros("2025-01-01", "2025-12-31", tipo=TipoSolicitud.METADATA, sentido=sentido)
    await office.sending.send(office.alice, RFC, asked)
    await office.settle()


async def month_of(office: Office, month: int, sentido: Sentido) -> Mes:
    rows = await office.services[CompletitudService].year(office.bob, YEAR, rfc=RFC)
    return next(row for row in rows if row.direction.value == sentido.value).meses[month - 1]


def whole(month: int) -> Periodo:
    return periodo_of(read_month(f"{YEAR}-{month:02d}"))


class TestMonths:
    async def test_what_nobody_asked_is_told(self, office: Office) -> None:
        rows = await office.services[CompletitudService].year(office.alice, YEAR)
        assert [(str(row.taxpayer.rfc), row.direction.value) for row in rows] == [(RFC, "E"), (RFC, "R")]
        assert {mes.estado for row in rows for mes in row.meses} == {EstadoMes.SIN_PEDIR}

    async def test_cancelled_received_ones_are_not_missing(self, office: Office) -> None:
        await know(office, Sentido.RECIBIDOS)
        for month in range(1, 13):
            found, there = await month_of(office, month, Sentido.RECIBIDOS), of_month(month, received=True)
            assert (found.known, found.missing, found.gone) == (
                len(there),
                len(alive(there)),
                len(there) - len(alive(there)),
            )
            assert found.as_of is not None

    async def test_another_persons_taxpayer_does_not_exist(self, office: Office) -> None:
        service = office.services[CompletitudService]
        assert await service.year(office.charlie, YEAR) == []
        with pytest.raises(ContribuyenteNotFound):
            await service.year(office.charlie, YEAR, rfc=RFC)


class TestFetching:
    async def test_a_few_go_by_folio_and_the_month_is_complete(self, office: Office) -> None:
        await know(office, Sentido.RECIBIDOS)
        missing = office.services[MissingService]
        wanted = {UUID(one.uuid) for one in alive(of_month(RECEIVED, received=True))}
        planned = await missing.preview(office.alice, RFC, Sentido.RECIBIDOS, whole(RECEIVED))
        assert (planned.missing, len(planned.asks), planned.spending.counts) == (len(wanted), len(wanted), False)
        assert "no gasta" in planned.cost
        made = await missing.fetch(office.alice, RFC, Sentido.RECIBIDOS, planned.periodo)
        assert {UUID(row.folio) for row in made} == wanted
        assert (await month_of(office, RECEIVED, Sentido.RECIBIDOS)).estado is EstadoMes.EN_CAMINO
        assert await missing.fetch(office.alice, RFC, Sentido.RECIBIDOS, planned.periodo) == []
        await office.settle(rounds=40)
        found = await month_of(office, RECEIVED, Sentido.RECIBIDOS)
        assert (found.estado, found.missing, found.with_xml) == (EstadoMes.COMPLETO, 0, len(wanted))
        assert await missing.fetch(office.alice, RFC, Sentido.RECIBIDOS, planned.periodo) == []
        assert office.sat.ledger.count(Operation.FOLIO) == len(wanted)

    async def test_two_at_once_ask_once(self, office: Office) -> None:
        await know(office, Sentido.RECIBIDOS)
        missing, month = office.services[MissingService], whole(RECEIVED)
        made = await asyncio.gather(*(missing.fetch(office.alice, RFC, Sentido.RECIBIDOS, month) for _ in range(4)))
        assert sum(map(len, made)) == len(alive(of_month(RECEIVED, received=True)))

    async def test_many_go_by_one_solicitud_and_it_says_what_that_spends(self, office: Office) -> None:
        """More than twenty: the same month's documents many times over."""
        model = alive(of_month(ISSUED, received=False))[0]
        many = [replace(model, uuid=str(UUID(int=0x5000_0000 + n)).upper(), xml=_xml(model, n)) for n in range(25)]
        office.sat.hold(Family.CFDI, RFC, [*documents(), *many])
        await know(office, Sentido.EMITIDOS)
        missing, month = office.services[MissingService], whole(ISSUED)
        planned = await missing.preview(office.alice, RFC, Sentido.EMITIDOS, month)
        assert (len(planned.asks), planned.spending.counts, planned.spending.spent) == (1, True, 0)
        assert "gasta 1 de las 2" in planned.cost
        await missing.fetch(office.alice, RFC, Sentido.EMITIDOS, month)
        assert await missing.fetch(office.alice, RFC, Sentido.EMITIDOS, month) == []
        await office.settle(rounds=40)
        assert (await month_of(office, ISSUED, Sentido.EMITIDOS)).estado is EstadoMes.COMPLETO
        assert office.sat.ledger.count(Operation.FOLIO) == 0

    async def test_cancelled_ones_of_our_own_go_by_a_solicitud_since_no_folio_brings_them(self, office: Office) -> None:
        month = next(
            month for month in range(1, 13) if any(one.fecha_cancelacion for one in of_month(month, received=False))
        )
        await know(office, Sentido.EMITIDOS)
        missing = office.services[MissingService]
        made = await missing.fetch(office.alice, RFC, Sentido.EMITIDOS, whole(month))
        assert [row.folio for row in made] == [""]
        await office.settle(rounds=40)
        found = await month_of(office, month, Sentido.EMITIDOS)
        assert (found.estado, found.cancelled > 0) == (EstadoMes.COMPLETO, True)

    async def test_metadata_is_asked_for_a_month_and_again(self, office: Office) -> None:
        missing, month = office.services[MissingService], whole(RECEIVED)
        first = await missing.ask_metadata(office.alice, RFC, Sentido.RECIBIDOS, month)
        assert await missing.ask_metadata(office.alice, RFC, Sentido.RECIBIDOS, month) == ()
        await office.settle(rounds=30)
        assert (await month_of(office, RECEIVED, Sentido.RECIBIDOS)).estado is EstadoMes.FALTAN
        second = await missing.ask_metadata(office.alice, RFC, Sentido.RECIBIDOS, month)
        assert [row.attempt for row in (*first, *second)] == [1, 2]


def _xml(model: Document, number: int) -> Callable[[], bytes]:
    uuid = str(UUID(int=0x5000_0000 + number)).upper()
    return lambda: model.xml().replace(model.uuid.encode(), uuid.encode())
