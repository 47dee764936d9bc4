"""Retenciones: a family of their own, one figure of what is missing with the CFDIs, fetched with their own token."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from acuse.mx.archivo import ArchivoService
from acuse.mx.completitud import CompletitudService, EstadoMes
from acuse.mx.completitud.service import Fila
from acuse.mx.contribuyentes.service import ClientsService
from acuse.mx.descarga.service import MissingService
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Document, Family, Operation
from tests.mx.completitud.test_fetching import whole
from tests.mx.descarga.conftest import RFC, YEAR, Office, a_retencion, clock, environment, limited, office, parametros
from tests.mx.descarga.test_web import Doors, doors, get, post

__all__ = ["clock", "doors", "environment", "office"]

MARCH = f"{YEAR}-03"
LIMIT = 24
PAGE = f"/app/completitud/{RFC}/{YEAR}"
API = "/api/v1/sat/completitud"


@pytest.fixture
def few_at_once(environment: dict[str, str]) -> None:
    """The SAT hands out this many XML at once."""
    environment["SAT_MAX_XML"] = str(LIMIT)


def of_march(count: int, *, first: int = 1, received: bool = False) -> list[Document]:
    start = datetime.fromisoformat(f"{MARCH}-02T09:00:00")
    return [a_retencion(first + n, start + timedelta(hours=n), received=received) for n in range(count)]


@pytest.fixture
async def known(office: Office) -> Office:
    """Three issued and two received Retenciones of March are known, one received is cancelled; no XML is here."""
    received = of_march(2, first=50, received=True)
    received[1] = replace(received[1], fecha_cancelacion=received[1].fecha + timedelta(days=1))
    office.sat.hold(Family.RETENCIONES, RFC, [*of_march(3), *received])
    missing = office.services[MissingService]
    for sentido in Sentido:
        await missing.ask_metadata(office.alice, RFC, sentido, whole(3), familia=Familia.RETENCIONES)
    await office.settle(rounds=30)
    return office


async def rows(office: Office, familia: Familia) -> list[Fila]:
    found = await office.services[CompletitudService].year(office.alice, YEAR, rfc=RFC)
    return [row for row in found if row.familia is familia]


async def figures(office: Office) -> set[int | None]:
    """What is missing, as completeness, the table of clients and the home page tell it."""
    rows = await office.services[CompletitudService].year(office.alice, YEAR)
    client = await office.services[ClientsService].one(office.alice, RFC)
    counts = await office.services[ArchivoService].counts(office.alice)
    return {sum(row.missing for row in rows), client.figures.missing, counts.missing}


class TestMissing:
    async def test_they_stand_beside_the_cfdis_once_something_is_known_of_them(self, known: Office) -> None:
        issued, received = await rows(known, Familia.RETENCIONES)
        assert (issued.caption, received.caption) == ("Retenciones emitidas", "Retenciones recibidas")
        assert (issued.meses[2].estado, issued.meses[2].missing) == (EstadoMes.FALTAN, 3)
        assert (received.meses[2].known, received.meses[2].missing, received.meses[2].gone) == (2, 1, 1)
        assert {mes.estado for mes in (*issued.meses[:2], *issued.meses[3:])} == {EstadoMes.SIN_PEDIR}
        assert {mes.estado for row in await rows(known, Familia.CFDI) for mes in row.meses} == {EstadoMes.SIN_PEDIR}

    async def test_one_figure_in_the_table_completeness_and_home(self, known: Office) -> None:
        assert await figures(known) == {4}
        asked = parametros(f"{MARCH}-01", f"{MARCH}-31", tipo=TipoSolicitud.METADATA)
        await known.sending.send(known.alice, RFC, asked)
        await known.settle()
        cfdis = sum(row.missing for row in await rows(known, Familia.CFDI))
        assert cfdis > 0
        assert await figures(known) == {4 + cfdis}

    async def test_of_the_other_family_nothing_is_told(self, known: Office) -> None:
        """A year of CFDI Metadata says nothing of a taxpayer's Retenciones, nor the other way round."""
        asked = parametros(f"{YEAR}-01-01", f"{YEAR}-12-31", tipo=TipoSolicitud.METADATA)
        await known.sending.send(known.alice, RFC, asked)
        await known.settle()
        [issued, _] = await rows(known, Familia.RETENCIONES)
        assert issued.unasked == 11


class TestFetching:
    async def test_a_few_go_by_folio_to_their_own_service(self, known: Office) -> None:
        missing, month = known.services[MissingService], whole(3)
        asked = [(Sentido.EMITIDOS, 3), (Sentido.RECIBIDOS, 1)]
        for sentido, count in asked:
            planned = await missing.preview(known.alice, RFC, sentido, month, familia=Familia.RETENCIONES)
            assert (planned.missing, len(planned.asks), planned.spending.counts) == (count, count, False)
            sent = await missing.fetch(known.alice, RFC, sentido, month, familia=Familia.RETENCIONES)
            assert {row.familia for row in sent} == {Familia.RETENCIONES}
            assert await missing.fetch(known.alice, RFC, sentido, month, familia=Familia.RETENCIONES) == []
            assert await missing.fetch(known.alice, RFC, sentido, month) == []
        await known.settle(rounds=40)
        folios = [entry.family for entry in known.sat.ledger.entries if entry.operation == Operation.FOLIO.label]
        assert folios == [Family.RETENCIONES] * 4
        assert await figures(known) == {0}
        assert {row.meses[2].estado for row in await rows(known, Familia.RETENCIONES)} == {EstadoMes.COMPLETO}

    async def test_many_go_by_one_solicitud_that_their_ledger_counts(self, office: Office) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, of_march(25))
        missing, month = office.services[MissingService], whole(3)
        await missing.ask_metadata(office.alice, RFC, Sentido.EMITIDOS, month, familia=Familia.RETENCIONES)
        await office.settle(rounds=30)
        planned = await missing.preview(office.alice, RFC, Sentido.EMITIDOS, month, familia=Familia.RETENCIONES)
        assert (len(planned.asks), planned.spending.counts, planned.spending.spent) == (1, True, 0)
        await missing.fetch(office.alice, RFC, Sentido.EMITIDOS, month, familia=Familia.RETENCIONES)
        assert await missing.fetch(office.alice, RFC, Sentido.EMITIDOS, month, familia=Familia.RETENCIONES) == []
        await office.settle(rounds=40)
        assert await figures(office) == {0}
        spent = await office.sql("SELECT familia, spent FROM sat_lifetime")
        assert [(row["familia"], row["spent"]) for row in spent] == [("Retenciones", 1)]

    @pytest.mark.usefixtures("few_at_once")
    async def test_more_than_fit_are_divided_by_what_is_known_before_they_are_asked(self, office: Office) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, of_march(60))
        limited(office, max_xml=LIMIT)
        missing, month = office.services[MissingService], whole(3)
        await missing.ask_metadata(office.alice, RFC, Sentido.EMITIDOS, month, familia=Familia.RETENCIONES)
        await office.settle(rounds=30)
        await missing.fetch(office.alice, RFC, Sentido.EMITIDOS, month, familia=Familia.RETENCIONES)
        await office.settle(rounds=60)
        assert await figures(office) == {0}
        assert office.sat.ledger.count(Operation.EMITIDOS) == 1 + 3


class TestDoors:
    async def test_by_api(self, office: Office, doors: Doors) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, of_march(3))
        alice = doors.api["Alice"]
        wanted: dict[str, Any] = {"rfc": RFC, "mes": MARCH, "tipo_comprobante": "E", "familia": "Retenciones"}
        asked = await post(alice, f"{API}/metadata", wanted, 202)
        assert [row["familia"] for row in asked["solicitudes"]] == ["Retenciones"]
        await office.settle(rounds=30)
        planned = await get(alice, f"{API}/faltantes", **wanted)
        assert (planned["faltan"], planned["por_folio"]) == (3, True)
        for created in (3, 0):
            assert len((await post(alice, f"{API}/faltantes", wanted, 202))["solicitudes"]) == created
        await office.settle(rounds=40)
        told = (await get(alice, API, rfc=RFC, desde=MARCH, hasta=MARCH))["meses"]
        assert [(each["familia"], each["tipo_comprobante"], each["estado"]) for each in told] == [
            ("CFDI", "E", "sin_pedir"),
            ("CFDI", "R", "sin_pedir"),
            ("Retenciones", "E", "completo"),
            ("Retenciones", "R", "sin_pedir"),
        ]

    async def test_by_page_from_never_asked_to_here(self, office: Office, doors: Doors) -> None:
        office.sat.hold(Family.RETENCIONES, RFC, of_march(3))
        browser = doors.browser["Alice"]
        assert "Preguntar por las retenciones" in (await browser.get(PAGE)).text
        assert (await browser.post(f"{PAGE}/metadata", data={"familia": "Retenciones"})).status_code == 303
        asked = await office.sql("SELECT DISTINCT familia, tipo FROM solicitudes")
        assert [(row["familia"], row["tipo"]) for row in asked] == [("Retenciones", "Metadata")]
        await office.settle(rounds=30)
        page = (await browser.get(PAGE)).text
        assert "Preguntar por las retenciones" not in page
        assert "Tabla: Retenciones emitidas por mes" in page
        assert "efecto=R" in page
        assert "3" in (await browser.get(f"/app/completitud?year={YEAR}")).text
        for data in ({"mes": MARCH}, {}):
            sent = await browser.post(f"{PAGE}/faltantes", data={"familia": "Retenciones", "sentido": "E", **data})
            assert sent.status_code == 303
        assert len(await office.sql("SELECT id FROM solicitudes WHERE folio <> ''")) == 3
        await office.settle(rounds=40)
        assert await figures(office) == {0}

    async def test_another_family_is_refused(self, office: Office, doors: Doors) -> None:
        wanted = {"rfc": RFC, "mes": MARCH, "tipo_comprobante": "E", "familia": "Nómina"}
        assert (await post(doors.api["Alice"], f"{API}/faltantes", wanted, 400))["error"]
        assert not office.sat.ledger.entries
