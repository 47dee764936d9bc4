"""The daily download of Retenciones: a switch of its own, the same nights, a count of its own."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.service import DailyService
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Family, Operation, Outcome
from tests.mx.descarga.conftest import RFC, YEAR, Office, a_retencion
from tests.mx.descarga.test_daily import TODAY, WANTED, asked, begin, mails, nightly, stored

__all__ = ["nightly"]

HELD = [
    a_retencion(1, TODAY - timedelta(days=1)),
    a_retencion(2, TODAY + timedelta(hours=9)),
    a_retencion(3, TODAY + timedelta(hours=10), received=True),
    a_retencion(4, TODAY - timedelta(days=20)),
]
NEW = {UUID(one.uuid) for one in HELD[:3]}


@pytest.fixture
async def both(nightly: Office) -> Office:
    """The switch of the Retenciones is on too; three are new at the SAT, one is older."""
    nightly.sat.hold(Family.RETENCIONES, RFC, HELD)
    await switch(nightly, on=True)
    return nightly


async def switch(office: Office, *, on: bool) -> None:
    await office.services[ContribuyentesService].change(office.alice, RFC, daily_retenciones=on)


async def starts(office: Office, familia: Familia) -> list[str]:
    """On which days what the nights asked of a family's Metadata begins, both sides alike."""
    rows = [row for row in await asked(office) if (row.familia, row.tipo) == (familia, TipoSolicitud.METADATA)]
    return sorted({f"{row.fecha_inicio:%m-%d}" for row in rows})


class TestNight:
    async def test_what_is_new_of_both_families_arrives(self, both: Office) -> None:
        await begin(both)
        assert await stored(both) == WANTED | NEW
        rows = [row for row in await asked(both) if row.familia is Familia.RETENCIONES]
        assert sorted((row.tipo, row.sentido) for row in rows) == sorted(
            (tipo, sentido) for tipo in TipoSolicitud for sentido in Sentido
        )
        assert await starts(both, Familia.RETENCIONES) == ["02-27"]

    async def test_the_mail_counts_them_apart(self, both: Office) -> None:
        await begin(both)
        [told] = await mails(both)
        assert told["subject"] == f"Descarga diaria de {RFC}: 4 CFDI nuevos, 3 retenciones nuevas"
        assert "CFDI nuevos: 4. Retenciones nuevas: 3. Cancelados: 0. Terminó." in str(told["text"])

    async def test_off_they_are_neither_asked_for_nor_told_of(self, nightly: Office) -> None:
        nightly.sat.hold(Family.RETENCIONES, RFC, HELD)
        await begin(nightly)
        assert {row.familia for row in await asked(nightly)} == {Familia.CFDI}
        [told] = await mails(nightly)
        assert "etenciones" not in f"{told['subject']}{told['text']}"

    async def test_alone_the_switch_asks_nothing(self, both: Office) -> None:
        await both.services[ContribuyentesService].change(both.alice, RFC, daily_download=False)
        await begin(both)
        assert await asked(both) == []

    async def test_begun_again_it_is_done_once(self, both: Office) -> None:
        for _ in range(2):
            await begin(both)
            await both.services[DailyService].begin(1, TODAY.date())
        assert both.sat.ledger.count(Operation.EMITIDOS) == 4
        assert both.sat.ledger.count(Operation.RECIBIDOS) == 4
        assert len(await mails(both)) == 1

    async def test_what_failed_of_them_is_told(self, both: Office) -> None:
        both.sat.switches.end_next(*[Outcome(estado=4)] * 4)
        await begin(both)
        [told] = await mails(both)
        assert "4 solicitudes fallaron." in str(told["text"])
        assert "Retenciones nuevas: 0." in str(told["text"])


class TestMissedNights:
    async def test_each_family_goes_on_where_it_stopped(self, both: Office) -> None:
        await begin(both)
        await switch(both, on=False)
        await both.pass_time(days=1)
        await begin(both)
        await switch(both, on=True)
        await both.pass_time(days=5)
        await begin(both)
        assert await starts(both, Familia.CFDI) == ["02-27", "02-28", "03-01"]
        assert await starts(both, Familia.RETENCIONES) == ["02-27", "02-28"]

    async def test_switched_on_later_they_begin_with_four_days(self, both: Office) -> None:
        await switch(both, on=False)
        await begin(both)
        await both.pass_time(days=10)
        await switch(both, on=True)
        await begin(both)
        assert await starts(both, Familia.RETENCIONES) == ["03-09"]

    async def test_metadata_that_never_came_is_asked_with_the_next_night(self, both: Office) -> None:
        both.sat.switches.end_next(*[Outcome(estado=4)] * 4)
        for _ in range(2):
            await begin(both)
            await both.pass_time(days=1)
        assert await stored(both) == WANTED | NEW
        assert await starts(both, Familia.RETENCIONES) == ["02-27"]


class TestPlan:
    async def test_a_year_of_them_turns_no_switch_on_and_the_first_of_cfdis_still_does(self, office: Office) -> None:
        contribuyentes = office.services[ContribuyentesService]
        plan = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS, familia=Familia.RETENCIONES)
        assert len(plan.solicitudes) == 14
        await office.settle()
        found = await contribuyentes.require_access(office.alice, RFC)
        assert (found.daily_download, found.daily_retenciones) == (False, False)
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
        await office.settle()
        assert (await contribuyentes.require_access(office.alice, RFC)).daily_download
