"""What the SAT cancels after we knew it as in force is marked, noted and told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from acuse.mx.archivo import FoundBy
from acuse.mx.cancelaciones import CancelacionesService
from acuse.mx.descarga.service import DailyService
from acuse.mx.outside.sat_descarga.codes import TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Document, Family
from tests.mx.descarga.conftest import RFC, Office, clock, documents, environment, office, parametros
from tests.mx.descarga.test_daily import ELEVEN_AT_NIGHT, NEW, switch

__all__ = ["clock", "environment", "office"]

ALIVE = next(one for one in documents() if one.rfc_emisor == RFC and one.fecha_cancelacion is None)
DEAD = next(one for one in documents() if one.rfc_emisor == RFC and one.fecha_cancelacion is not None)
GONE_AT = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 - the SAT's wall clock


def cancelled(document: Document) -> Document:
    return replace(document, fecha_cancelacion=GONE_AT)


def at_the_sat(office: Office, gone: Document, *more: Document) -> None:
    """Let the SAT have cancelled this one."""
    office.sat.hold(
        Family.CFDI, RFC, [*(cancelled(one) if one.uuid == gone.uuid else one for one in documents()), *more]
    )


async def metadata(office: Office, desde: str = "2025-01-01") -> None:
    """Ask the year's Metadata and index it."""
    await office.sending.send(office.alice, RFC, parametros(desde, "2025-12-31", tipo=TipoSolicitud.METADATA))
    await office.settle()


async def letters(office: Office) -> list[str]:
    rows = await office.sql("SELECT text FROM notices_outbox WHERE template = 'cfdi_cancelados' ORDER BY recipient")
    return [row["text"] for row in rows]


async def known(office: Office, uuid: str) -> tuple[str | None, datetime | None]:
    row = (await office.sql("SELECT estado, fecha_cancelacion FROM cfdi WHERE uuid = :uuid", uuid=UUID(uuid)))[0]
    return row["estado"], row["fecha_cancelacion"]


async def tell(office: Office) -> None:
    await office.pass_time(minutes=6)
    await office.run_jobs(only="cancelaciones")


class TestNewerMetadata:
    async def test_marks_the_cfdi_and_tells_it_once(self, office: Office) -> None:
        await metadata(office)
        assert await known(office, ALIVE.uuid) == ("vigente", None)
        at_the_sat(office, ALIVE)
        await metadata(office, "2025-01-02")
        assert await known(office, ALIVE.uuid) == ("cancelado", GONE_AT)
        await tell(office)
        await metadata(office, "2025-01-03")
        await tell(office)
        told = await letters(office)
        assert len(told) == 2, "Alice and Bob, once each"
        assert all(ALIVE.uuid.upper() in text for text in told)
        found = await office.services[CancelacionesService].recent(office.bob)
        assert [(each.folio_fiscal, each.fecha_cancelacion, each.found_by) for each in found] == [
            (ALIVE.uuid.upper(), GONE_AT, FoundBy.METADATA)
        ]

    async def test_what_was_cancelled_when_first_seen_is_no_news(self, office: Office) -> None:
        await metadata(office)
        assert (await known(office, DEAD.uuid))[0] == "cancelado"
        assert await office.services[CancelacionesService].recent(office.alice) == []

    async def test_an_answer_older_than_what_is_known_brings_nobody_back(self, office: Office) -> None:
        """The first solicitud was answered before the second; its package is indexed after it."""
        first = await office.sending.send(
            office.alice, RFC, parametros("2025-01-01", "2025-12-31", tipo=TipoSolicitud.METADATA)
        )
        for _ in range(4):
            await office.run_jobs(stop=lambda name: name == "mx.descarga:index")
            await office.pass_time(minutes=3)
        waiting = await office.sql(
            "SELECT id FROM paquetes WHERE solicitud_id = :id AND indexed_at IS NULL", id=first.id
        )
        assert len(waiting) == 1
        at_the_sat(office, ALIVE)
        await metadata(office, "2025-01-02")
        await office.indexing.index(waiting[0]["id"])
        assert await known(office, ALIVE.uuid) == ("cancelado", GONE_AT)


class TestNightlyRun:
    async def test_its_summary_tells_it_and_no_other_letter_does(self, office: Office) -> None:
        office.clock.set(ELEVEN_AT_NIGHT)
        office.sat.clock.set(ELEVEN_AT_NIGHT)
        await switch(office, on=True)
        office.sat.hold(Family.CFDI, RFC, [*documents(), *NEW])
        daily = office.services[DailyService]
        await daily.begin_all()
        await office.settle(rounds=30)
        await office.pass_time(days=1)
        office.sat.hold(Family.CFDI, RFC, [*documents(), *map(cancelled, NEW[1:3]), NEW[3], NEW[4]])
        await daily.begin_all()
        await office.settle(rounds=30)
        await tell(office)
        told = await office.sql("SELECT template, text FROM notices_outbox ORDER BY id")
        assert [row["template"] for row in told] == ["resumen_descarga"] * 2
        assert "Cancelados: 0." in told[0]["text"]
        assert "Cancelados: 2." in told[1]["text"]


class TestFolioRefused:
    @pytest.mark.parametrize("seen_before", [True, False])
    async def test_5012_marks_the_cfdi(self, office: Office, *, seen_before: bool) -> None:
        if seen_before:
            await metadata(office)
        at_the_sat(office, ALIVE)
        row = await office.sending.send_folio(office.alice, RFC, ALIVE.uuid)
        assert row.cod_estatus == 5012
        found = await office.services[CancelacionesService].recent(office.alice)
        assert [each.found_by for each in found] == ([FoundBy.DESCARGA] if seen_before else [])
        if seen_before:
            assert (await known(office, ALIVE.uuid))[0] == "cancelado"
            await metadata(office, "2025-01-02")
            assert await known(office, ALIVE.uuid) == ("cancelado", GONE_AT), "the metadata brings the date"
            assert len(await office.services[CancelacionesService].recent(office.alice)) == 1
