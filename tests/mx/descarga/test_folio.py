"""One CFDI by its folio fiscal; the other family; filters; the SAT's clock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from acuse.kernel.errors import AppError
from acuse.mx.archivo import ArchivoService, CfdiFilter
from acuse.mx.archivo import Efecto as EfectoOfIndex
from acuse.mx.descarga.errors import (
    ComplementoUnreadable,
    FilterNotOfFamily,
    FolioUnreadable,
    SolicitudDuplicada,
)
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.service import RepeatingService, skew_text
from acuse.mx.outside.sat_descarga.codes import Efecto, Familia, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.errors import SatClockSkew
from acuse.mx.outside.sat_descarga.simulator import Family, Operation
from acuse.mx.outside.sat_descarga.simulator.documents import Document
from tests.mx.descarga.conftest import RFC, Office, a_retencion, documents, limited, parametros

ALIVE = next(one for one in documents() if one.rfc_emisor == RFC and one.fecha_cancelacion is None)
DEAD = next(one for one in documents() if one.fecha_cancelacion is not None)


class TestFolio:
    async def test_one_cfdi_arrives(self, office: Office) -> None:
        row = await office.sending.send_folio(office.alice, RFC, ALIVE.uuid.lower())
        assert row.folio == ALIVE.uuid.upper()
        await office.settle()
        assert (await office.solicitud(row.id)).estado is Estado.COMPLETA
        found = await office.sql("SELECT uuid FROM cfdi WHERE xml_paquete_id IS NOT NULL")
        assert [one["uuid"] for one in found] == [UUID(ALIVE.uuid)]
        assert office.sat.ledger.count(Operation.FOLIO) == 1

    async def test_side_and_date_come_from_the_metadata(self, office: Office) -> None:
        await office.sending.send(
            office.alice, RFC, parametros("2025-01-01", "2025-12-31", tipo=TipoSolicitud.METADATA)
        )
        await office.settle()
        row = await office.sending.send_folio(office.alice, RFC, ALIVE.uuid)
        assert (row.sentido, row.fecha_inicio) == (Sentido.EMITIDOS, ALIVE.fecha)

    async def test_a_cancelled_one_has_no_xml_any_more(self, office: Office) -> None:
        row = await office.sending.send_folio(office.alice, RFC, DEAD.uuid)
        assert row.cod_estatus == 5012
        assert row.estado is Estado.SIN_XML
        assert row.problem is None

    async def test_the_daily_limit_comes_back_the_next_day_in_mexico(self, office: Office) -> None:
        limited(office, folios_per_day=1)
        row = await office.sending.send_folio(office.alice, RFC, ALIVE.uuid)
        await office.settle()
        await office.sql("UPDATE solicitudes SET estado = 'error' RETURNING id")
        again = await _repeat(office, row.id)
        await office.pass_time(minutes=2)
        await office.run_jobs(only="verify")
        waiting = await office.solicitud(again)
        assert waiting.estado is Estado.POR_ENVIAR
        assert "5011" in (waiting.problem or "")
        await office.pass_time(hours=20)
        await office.settle()
        assert (await office.solicitud(again)).estado is Estado.COMPLETA

    async def test_twice_is_a_duplicate_with_the_first_id(self, office: Office) -> None:
        row = await office.sending.send_folio(office.alice, RFC, ALIVE.uuid)
        with pytest.raises(SolicitudDuplicada) as caught:
            await office.sending.send_folio(office.alice, RFC, ALIVE.uuid)
        assert caught.value.details["id"] == str(row.id)

    @pytest.mark.parametrize("text", ["", "x", "123", "8A2F5C3E-3B1D-4D9C-9A57"])
    async def test_what_is_no_folio_is_refused_here(self, office: Office, text: str) -> None:
        with pytest.raises(FolioUnreadable):
            await office.sending.send_folio(office.alice, RFC, text)
        assert office.sat.ledger.count(Operation.FOLIO) == 0


async def _repeat(office: Office, solicitud_id: UUID) -> UUID:
    return (await office.services[RepeatingService].repeat(office.alice, solicitud_id)).id


class TestRetenciones:
    async def test_they_come_from_their_own_hosts_with_their_own_token(self, office: Office) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, documents())
        await office.sending.send(office.alice, RFC, parametros(familia=Familia.CFDI))
        row = await office.sending.send(office.alice, RFC, parametros(familia=Familia.RETENCIONES))
        await office.settle()
        assert (await office.solicitud(row.id)).estado is Estado.COMPLETA
        assert office.sat.ledger.count(Operation.AUTENTICA) >= 2
        families = {entry.family for entry in office.sat.ledger.entries if entry.operation == Operation.AUTENTICA.label}
        assert families == set(Family)
        tokens = await office.sql("SELECT familia FROM sat_tokens")
        assert {one["familia"] for one in tokens} == {"CFDI", "Retenciones"}

    async def test_a_folio_of_theirs_is_asked_of_them(self, office: Office) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, documents())
        row = await office.sending.send_folio(office.alice, RFC, ALIVE.uuid, familia=Familia.RETENCIONES)
        await office.settle()
        assert (await office.solicitud(row.id)).estado is Estado.COMPLETA

    async def test_one_that_is_known_is_asked_of_its_family_whatever_was_chosen(self, office: Office) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, [_certificate(1)])
        asked = parametros(familia=Familia.RETENCIONES, tipo=TipoSolicitud.METADATA)
        await office.sending.send(office.alice, RFC, asked)
        await office.settle()
        row = await office.sending.send_folio(office.alice, RFC, _certificate(1).uuid)
        assert row.familia is Familia.RETENCIONES

    async def test_their_documents_arrive_in_the_archive_as_what_they_are(self, office: Office) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, [_certificate(number) for number in range(1, 8)])
        for tipo in (TipoSolicitud.METADATA, TipoSolicitud.CFDI):
            await office.sending.send(office.alice, RFC, parametros(familia=Familia.RETENCIONES, tipo=tipo))
            await office.settle()
        rows = await office.sql("SELECT efecto, version, total, isr_retenido, estado FROM cfdi")
        told = {(one["efecto"], one["version"], f"{one['total']}", f"{one['isr_retenido']}") for one in rows}
        assert (len(rows), told) == (7, {("R", "2.0", "10000.00", "1000.00")})
        archive = office.services[ArchivoService]
        page = await archive.search(office.alice, CfdiFilter(efecto=EfectoOfIndex.RETENCION))
        assert {each.efecto.label for each in page.items} == {"Retenciones"}
        assert (await archive.xml(office.alice, page.items[0].uuid)).content == _certificate(7).xml()


def _certificate(number: int) -> Document:
    """One of January; its metadata has no effect of its own."""
    return a_retencion(number, datetime.fromisoformat(f"2025-01-{number + 10}T10:00:00"))


class TestFilters:
    def test_an_efecto_is_of_cfdi_only(self) -> None:
        with pytest.raises(FilterNotOfFamily):
            parametros(familia=Familia.RETENCIONES, efecto=Efecto.PAGO)

    def test_a_complemento_of_the_other_family_is_refused(self) -> None:
        with pytest.raises(FilterNotOfFamily):
            parametros(complemento="dividendos")
        assert parametros(familia=Familia.RETENCIONES, complemento="dividendos").complemento == "dividendos"

    def test_one_nobody_has_listed_passes_and_nonsense_does_not(self) -> None:
        assert parametros(complemento=" CartaPorte31 ").complemento == "cartaporte31"
        for text in ("<xml>", "dos palabras", "ñ", "1"):
            with pytest.raises(ComplementoUnreadable):
                parametros(complemento=text)


class TestClock:
    async def test_a_wrong_clock_is_remembered_and_named(self, office: Office) -> None:
        office.clock.move(minutes=10)
        with pytest.raises(SatClockSkew):
            await office.sessions.authenticate(office.alice, RFC)
        skew = await office.sessions.skew()
        assert "adelantado 600 segundos" in (skew_text(skew) or "")

    async def test_a_right_clock_is_nothing_to_tell(self, office: Office) -> None:
        assert await office.sessions.skew() is None
        await office.sessions.authenticate(office.alice, RFC)
        assert skew_text(await office.sessions.skew()) is None

    async def test_doctor_names_it(self, office: Office) -> None:
        office.clock.move(minutes=-10)
        with pytest.raises(AppError):
            await office.sessions.authenticate(office.alice, RFC)
        (check,) = [one for one in office.services.mounted["descarga"].checks if one.caption == "Reloj del SAT"]
        finding = await check.run()
        assert finding.state == "warning"
        assert "atrasado 600 segundos" in finding.text

    async def test_a_round_does_not_start_with_less_than_a_minute_of_token(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        await office.pass_time(minutes=4, seconds=1)
        await office.verifying.verify(office.alice, row.id)
        assert office.sat.ledger.count(Operation.AUTENTICA) == 2
