"""The daily download: switched on by the first year, four days of Metadata, what is new, one mail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService
from acuse.mx.descarga.errors import SyncKeyReused
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import read_date
from acuse.mx.descarga.service import DailyService
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Document, Family, Fault, Operation, Outcome
from tests.mx.descarga.conftest import RFC, YEAR, Office, documents, limited
from tests.support.efirmas import PASSWORD, PERSON, an_efirma

ELEVEN_AT_NIGHT = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
"""23:00 of 2 March in Mexico City."""
TODAY = read_date("2026-03-02")
OTHER = str(PERSON.rfc)


def fresh(number: int, fecha: datetime, *, received: bool = False, cancelled: bool = False) -> Document:
    """A CFDI of these days."""
    side = "rfc_receptor" if received else "rfc_emisor"
    model = next(one for one in documents() if getattr(one, side) == RFC and one.fecha_cancelacion is None)
    uuid = str(UUID(int=0x7000_0000_0000 + number)).upper()

    def xml() -> bytes:
        old, new = model.fecha.isoformat().encode(), fecha.isoformat().encode()
        return model.xml().replace(model.uuid.encode(), uuid.encode()).replace(old, new)

    gone = fecha + timedelta(hours=1) if cancelled else None
    return replace(model, uuid=uuid, fecha=fecha, fecha_timbrado=fecha, fecha_cancelacion=gone, xml=xml)


NEW = [
    fresh(1, TODAY - timedelta(days=3, hours=-1)),
    fresh(2, TODAY - timedelta(days=1)),
    fresh(3, TODAY + timedelta(hours=10)),
    fresh(4, TODAY + timedelta(hours=11), received=True),
    fresh(5, TODAY + timedelta(hours=12), received=True, cancelled=True),
]
WANTED = {UUID(one.uuid) for one in NEW[:4]}


@pytest.fixture
async def nightly(office: Office) -> Office:
    """It is 23:00, the switch is on, five CFDIs are new at the SAT."""
    office.clock.set(ELEVEN_AT_NIGHT)
    office.sat.clock.set(ELEVEN_AT_NIGHT)
    office.sat.hold(Family.CFDI, RFC, [*documents(), *NEW])
    await switch(office, on=True)
    return office


@pytest.fixture
async def three(nightly: Office) -> Office:
    """Two clients more: one has its e.firma and nothing new at the SAT, one was written down without."""
    contribuyentes = nightly.services[ContribuyentesService]
    files = an_efirma(PERSON)
    await contribuyentes.upload_efirma(nightly.alice, files.cer, files.key, PASSWORD)
    await contribuyentes.add(nightly.alice, "H&E951128469", name="Herrería")
    nightly.sat.hold(Family.CFDI, OTHER, [])
    await switch(nightly, on=True)
    await nightly.run_jobs()
    return nightly


async def switch(office: Office, *, on: bool) -> None:
    await office.sql("UPDATE contribuyentes SET daily_download = :on RETURNING id", on=on)


async def begin(office: Office) -> None:
    await office.services[DailyService].begin_all()
    await office.settle(rounds=30)


async def asked(office: Office) -> list[SolicitudRow]:
    return list((await office.reading.solicitudes(office.alice)).items)


async def metadata_starts(office: Office) -> list[str]:
    """On which days what the nights asked of Metadata begins, both sides alike."""
    return sorted({f"{row.fecha_inicio:%Y-%m-%d}" for row in await asked(office) if row.tipo is TipoSolicitud.METADATA})


async def mails(office: Office) -> list[dict[str, object]]:
    return await office.sql("SELECT recipient, subject, text FROM notices_outbox ORDER BY recipient")


async def stored(office: Office) -> set[UUID]:
    return {row["uuid"] for row in await office.sql("SELECT uuid FROM cfdi WHERE xml_paquete_id IS NOT NULL")}


class TestDaily:
    async def test_what_is_new_arrives(self, nightly: Office) -> None:
        await begin(nightly)
        assert await stored(nightly) == WANTED
        rows = await asked(nightly)
        metadata = [row for row in rows if row.tipo is TipoSolicitud.METADATA]
        assert {row.sentido for row in metadata} == set(Sentido)
        assert {row.fecha_inicio.isoformat() for row in metadata} == {"2026-02-27T00:00:00"}
        assert {row.fecha_fin.isoformat() for row in metadata} == {"2026-03-02T22:00:00"}
        assert {row.estado for row in rows} == {Estado.COMPLETA}

    async def test_one_mail_for_each_person_who_operates(self, nightly: Office) -> None:
        contribuyentes = nightly.services[ContribuyentesService]
        await contribuyentes.grant_access(nightly.alice, RFC, nightly.charlie.id or 0, AccessLevel.OPERACION)
        await begin(nightly)
        told = await mails(nightly)
        assert [mail["recipient"] for mail in told] == ["alice@example.org", "charlie@example.org"]
        assert told[0]["subject"] == f"Descarga diaria de {RFC}: 4 CFDI nuevos"
        assert "diaria del 02/03/2026:" in str(told[0]["text"])
        assert "CFDI nuevos: 4. Cancelados: 0. Terminó." in str(told[0]["text"])

    async def test_begun_twice_it_is_done_once(self, nightly: Office) -> None:
        daily = nightly.services[DailyService]
        await asyncio.gather(*(daily.begin(1, TODAY.date()) for _ in range(4)))
        await begin(nightly)
        await begin(nightly)
        assert nightly.sat.ledger.count(Operation.EMITIDOS) == 2
        assert nightly.sat.ledger.count(Operation.RECIBIDOS) == 2
        assert len(await mails(nightly)) == 1

    async def test_nothing_new_asks_no_cfdi(self, nightly: Office) -> None:
        nightly.sat.hold(Family.CFDI, RFC, documents())
        await begin(nightly)
        assert {row.tipo for row in await asked(nightly)} == {TipoSolicitud.METADATA}
        assert str((await mails(nightly))[0]["subject"]).endswith(": sin CFDI nuevos")

    async def test_the_next_day_asks_only_for_what_is_missing(self, nightly: Office) -> None:
        await begin(nightly)
        await nightly.pass_time(days=1)
        late = fresh(9, TODAY + timedelta(hours=22, minutes=30))
        nightly.sat.hold(Family.CFDI, RFC, [*documents(), *NEW, late])
        await begin(nightly)
        assert await stored(nightly) == WANTED | {UUID(late.uuid)}
        newest = next(row for row in await asked(nightly) if row.tipo is TipoSolicitud.CFDI)
        assert newest.fecha_fin == late.fecha
        assert len(await mails(nightly)) == 2

    async def test_nights_that_were_missed_are_made_up_for(self, nightly: Office) -> None:
        await begin(nightly)
        await nightly.pass_time(days=6)
        meanwhile = fresh(9, TODAY + timedelta(days=1))
        nightly.sat.hold(Family.CFDI, RFC, [*documents(), *NEW, meanwhile])
        await begin(nightly)
        assert await stored(nightly) == WANTED | {UUID(meanwhile.uuid)}
        await nightly.pass_time(days=1)
        await begin(nightly)
        assert await metadata_starts(nightly) == ["2026-02-27", "2026-02-28", "2026-03-06"]

    async def test_metadata_that_never_came_is_asked_with_the_next_night(self, nightly: Office) -> None:
        nightly.sat.switches.end_next(*[Outcome(estado=4)] * 2)
        for _ in range(2):
            await begin(nightly)
            await nightly.pass_time(days=1)
        assert await stored(nightly) == WANTED
        assert await metadata_starts(nightly) == ["2026-02-27"]

    async def test_after_a_long_pause_it_looks_back_a_month(self, nightly: Office) -> None:
        await begin(nightly)
        await nightly.pass_time(days=90)
        await begin(nightly)
        assert (await metadata_starts(nightly))[-1] == "2026-05-01"

    async def test_switched_off_nothing_is_asked(self, nightly: Office) -> None:
        await switch(nightly, on=False)
        await begin(nightly)
        assert await asked(nightly) == []

    async def test_what_failed_is_told(self, nightly: Office) -> None:
        nightly.sat.switches.end_next(Outcome(estado=4))
        await begin(nightly)
        told = (await mails(nightly))[0]
        assert str(told["subject"]).endswith("; requiere atención")
        assert "Una solicitud falló." in str(told["text"])

    async def test_what_is_late_is_told_nine_hours_later(self, nightly: Office) -> None:
        nightly.sat.switches.end_next(Outcome(estado=1))
        await begin(nightly)
        assert await mails(nightly) == []
        await nightly.pass_time(hours=9)
        await nightly.run_jobs(only="summary")
        assert "Una solicitud sigue en camino." in str((await mails(nightly))[0]["text"])

    async def test_trouble_at_the_sat_delays_it_only(self, nightly: Office) -> None:
        nightly.sat.switches.fail(Fault(operation="autentica", status=503, times=2))
        await begin(nightly)
        assert await stored(nightly) == WANTED


class TestSummaryOfAnOffice:
    async def test_each_client_has_its_line_the_one_without_efirma_too(self, three: Office) -> None:
        await begin(three)
        [told] = await mails(three)
        assert told["subject"] == "Descarga diaria de 3 contribuyentes: 4 CFDI nuevos; uno requiere atención"
        lines = str(told["text"]).split("\n\n")[1].splitlines()
        assert [line for line in lines if not line.startswith(" ")] == [
            "H&E951128469 Herrería",
            f"{OTHER} CARLOS ORTIZ SUÁREZ",
            f"{RFC} ESCUELA KEMPER URGATE",
            "Total",
        ]
        assert lines[1].endswith("No se pidió nada: no tiene e.firma vigente.")

    async def test_late_is_what_began_nine_hours_ago_by_the_first(self, three: Office) -> None:
        three.sat.switches.end_next(*[Outcome(estado=1)] * 4)
        daily = three.services[DailyService]
        await three.services[ContribuyentesService].change(three.alice, RFC, daily_download=False)
        await daily.begin_all()
        await three.run_jobs(only="daily")
        await three.services[ContribuyentesService].change(three.alice, RFC, daily_download=True)
        await three.pass_time(minutes=2)
        await daily.begin_all()
        await three.settle(rounds=3)
        await three.pass_time(hours=8, minutes=52)
        await three.run_jobs(only="summary")
        [told] = await mails(three)
        assert str(told["text"]).count("2 solicitudes siguen en camino.") == 2

    async def test_one_asked_for_by_day_and_the_rest_at_night_are_both_told(self, three: Office) -> None:
        await three.sync.ask(three.alice, rfc=OTHER)
        await three.settle(rounds=30)
        await begin(three)
        told = [str(mail["text"]) for mail in await mails(three)]
        assert len(told) == 2
        assert [OTHER in text and RFC not in text for text in told] == [True, False]
        assert [RFC in text for text in told] == [False, True]

    async def test_what_was_here_before_is_not_called_new(self, nightly: Office) -> None:
        await begin(nightly)
        await nightly.pass_time(days=1)
        around = [fresh(8, NEW[1].fecha - timedelta(hours=1)), fresh(9, NEW[2].fecha + timedelta(hours=11))]
        nightly.sat.hold(Family.CFDI, RFC, [*documents(), *NEW, *around])
        await begin(nightly)
        subjects = [str(mail["subject"]) for mail in await mails(nightly)]
        assert sorted(subjects) == [f"Descarga diaria de {RFC}: {count} CFDI nuevos" for count in (2, 4)]


class TestSwitch:
    async def test_the_first_complete_year_turns_it_on(self, office: Office) -> None:
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
        assert not (await office.services[ContribuyentesService].require_access(office.alice, RFC)).daily_download
        await office.settle()
        assert (await office.services[ContribuyentesService].require_access(office.alice, RFC)).daily_download

    async def test_who_turned_it_off_keeps_it_off(self, office: Office) -> None:
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
        await office.settle()
        await switch(office, on=False)
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.RECIBIDOS)
        await office.settle()
        assert not (await office.services[ContribuyentesService].require_access(office.alice, RFC)).daily_download

    async def test_the_first_night_begins_where_the_plan_ended(self, office: Office) -> None:
        """The SAT took six days over it: what was issued meanwhile comes with the first night."""
        limited(office, working_s=6 * 86400)
        await office.sending.send_year(office.alice, RFC, TODAY.year, Sentido.EMITIDOS)
        await office.settle(rounds=1)
        await office.pass_time(days=6, hours=1)
        await office.settle()
        assert (await office.services[ContribuyentesService].require_access(office.alice, RFC)).daily_download
        meanwhile = fresh(9, TODAY + timedelta(days=1))
        office.sat.hold(Family.CFDI, RFC, [*documents(), meanwhile])
        limited(office, working_s=30)
        await begin(office)
        nights = await office.sql("SELECT sentido, fecha_inicio FROM solicitudes WHERE daily_run_id IS NOT NULL")
        begun = {(row["sentido"], f"{row['fecha_inicio']:%m-%d}") for row in nights}
        assert {("E", "02-28"), ("R", "03-05")} <= begun
        assert await stored(office) == {UUID(meanwhile.uuid)}

    async def test_after_the_plan_of_a_year_long_over_it_looks_back_a_month(self, office: Office) -> None:
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
        await office.settle()
        await begin(office)
        nights = await office.sql(
            "SELECT fecha_inicio FROM solicitudes WHERE daily_run_id IS NOT NULL AND sentido = 'E'"
        )
        assert f"{nights[0]['fecha_inicio']:%m-%d}" == "01-31"

    async def test_a_year_with_a_failure_does_not(self, office: Office) -> None:
        office.sat.switches.end_next(Outcome(estado=4))
        await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
        await office.settle()
        assert not (await office.services[ContribuyentesService].require_access(office.alice, RFC)).daily_download


class TestSynchronize:
    async def test_it_does_what_the_schedule_does(self, nightly: Office) -> None:
        assert await nightly.sync.ask(nightly.alice, key="2026-03-02") == 1
        await nightly.settle(rounds=30)
        assert await stored(nightly) == WANTED

    async def test_the_same_key_is_answered_as_the_first_time(self, nightly: Office) -> None:
        first = await asyncio.gather(*(nightly.sync.ask(nightly.alice, rfc=RFC, key="a") for _ in range(4)))
        await nightly.settle(rounds=30)
        async with nightly.house.database.transaction() as tx:
            await tx.execute(text("DELETE FROM accesos WHERE user_id = 102"))
        assert {*first, await nightly.sync.ask(nightly.alice, rfc=RFC, key="a")} == {1}
        assert not [job for job in await nightly.run_jobs() if "sync" in job]

    async def test_the_same_key_with_another_question_is_refused(self, nightly: Office) -> None:
        await nightly.sync.ask(nightly.alice, rfc=RFC, key="a")
        with pytest.raises(SyncKeyReused):
            await nightly.sync.ask(nightly.alice, key="a")

    async def test_another_person_may_use_the_same_key(self, nightly: Office) -> None:
        await nightly.sync.ask(nightly.alice, key="a")
        assert await nightly.sync.ask(nightly.charlie, key="a") == 0
