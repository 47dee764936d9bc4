"""The invented taxpayers as the simulated SAT holds them: found like a list, made when looked at."""

from __future__ import annotations

import os
import tracemalloc
from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.cfdi.corpus import Corpus
from acuse.mx.outside.sat_descarga.simulator import (
    Change,
    Family,
    Operation,
    Query,
    matches,
)
from acuse.pki.keypair import KeyPair
from acuse.simulators.consulta import build_consulta
from acuse.simulators.holdings import Holdings, Source
from acuse.simulators.listas import build_lista
from acuse.simulators.people import cross_sizes, first_taxpayers, sizes
from acuse.simulators.sat import World
from acuse.simulators.shelf import open_shelf
from tests.support.cfdis import TAXPAYER

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
TODAY = NOW.replace(tzinfo=None)
SIZE = int(os.environ.get("ACUSE_PROOF", "3")) * 1_000


@cache
def corpus() -> Corpus:
    return Corpus(taxpayer=TAXPAYER, year=2025, size=300)


@pytest.fixture
def held() -> Holdings:
    return Holdings(Source(corpus()))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three taxpayers with 200 CFDIs and fewer, on a day of the year after."""
    shelf = open_shelf(tmp_path_factory.mktemp("casa"), NOW, 3)
    return World(shelf, cfdis=200, year=2025, clock=MovableClock(NOW))


def a_query(operation: Operation = Operation.EMITIDOS, **more: object) -> Query:
    values: dict[str, object] = {
        "operation": operation,
        "owner": TAXPAYER.rfc,
        "tipo": "Metadata",
        "start": datetime.fromisoformat("2025-01-01"),
        "end": datetime.fromisoformat("2025-12-31T23:59:59"),
        "estado": "Todos",
    }
    return Query(**(values | more))  # type: ignore[arg-type]


def uuids(found: object) -> list[str]:
    assert hasattr(found, "__iter__")
    return [each.uuid for each in found]


class TestFinding:
    @pytest.mark.parametrize(
        ("operation", "estado", "efecto"),
        [*product((Operation.EMITIDOS, Operation.RECIBIDOS), ("Todos", "Vigente", "Cancelado"), ("", "I", "P", "N"))],
    )
    def test_it_finds_what_a_list_would(self, held: Holdings, operation: Operation, estado: str, efecto: str) -> None:
        since = datetime.fromisoformat("2025-02-10T12:00:00")
        query = a_query(operation, estado=estado, efecto=efecto, start=since)
        everything = [held.by_folio(entry.uuid) for entry in corpus().entries()]
        wanted = [one for one in everything if one and one.fecha >= since and matches(one, query, TODAY)]
        assert uuids(held.find(query, TODAY)) == uuids(wanted)

    def test_filters_that_need_the_document_see_it(self, held: Holdings) -> None:
        everything = held.find(a_query(), TODAY)
        paid = held.find(a_query(complemento="pagos20"), TODAY)
        assert uuids(paid) == [one.uuid for one in everything if one.efecto == "P"]
        receiver = everything[0].rfc_receptor
        theirs = held.find(a_query(receptores=(receiver,)), TODAY)
        assert uuids(theirs) == [one.uuid for one in everything if one.rfc_receptor == receiver]

    def test_a_second_is_enough_to_leave_one_out(self, held: Holdings) -> None:
        first, second = held.find(a_query(), TODAY)[:2]
        assert uuids(held.find(a_query(start=first.fecha, end=first.fecha), TODAY)) == [first.uuid]
        assert second.uuid not in uuids(held.find(a_query(end=first.fecha), TODAY))

    def test_what_is_not_stamped_yet_is_not_there(self, held: Holdings) -> None:
        one = held.find(a_query(), TODAY)[40]
        assert one.uuid not in uuids(held.find(a_query(), one.fecha))
        assert one.uuid in uuids(held.find(a_query(), one.fecha_timbrado))

    def test_slices_and_places_are_those_of_a_list(self, held: Holdings) -> None:
        found = held.find(a_query(), TODAY)
        assert uuids(found[3:7]) == uuids(found)[3:7]
        assert found[-1].uuid == uuids(found)[-1]

    def test_other_years_hold_nothing(self, held: Holdings) -> None:
        for start, end in (("2023-01-01", "2024-12-31"), ("2026-01-01", "2026-02-01")):
            query = a_query(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end))
            assert not held.find(query, TODAY)


class TestChanges:
    def test_a_cancelled_document_is_no_longer_in_force(self, held: Holdings) -> None:
        one = held.find(a_query(estado="Vigente"), TODAY)[5]
        assert held.change(one.uuid, Change(fecha_cancelacion=TODAY))
        assert one.uuid not in uuids(held.find(a_query(estado="Vigente"), TODAY))
        assert one.uuid in uuids(held.find(a_query(estado="Cancelado"), TODAY))
        assert not held.change("5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11", Change())
        held.restore()
        assert one.uuid in uuids(held.find(a_query(estado="Vigente"), TODAY))

    def test_a_late_document_comes_when_it_is_due_and_can_still_be_cancelled(self, held: Holdings) -> None:
        one = held.find(a_query(), TODAY)[5]
        later = datetime.fromisoformat("2026-03-05T00:00:00")
        held.change(one.uuid, Change(appears=later))
        held.change(one.uuid, Change(fecha_cancelacion=TODAY))
        assert one.uuid not in uuids(held.find(a_query(), TODAY))
        assert held.find(Query(operation=Operation.FOLIO, owner="", tipo="CFDI", folio=one.uuid), TODAY) == []
        assert one.uuid in uuids(held.find(a_query(estado="Cancelado"), later))


class TestWorld:
    def test_what_one_issued_to_another_stands_in_both_years(self, world: World) -> None:
        first, second = (member.taxpayer for member in (world.corpora[0], world.corpora[1]))
        issued = world.sat.holdings(Family.CFDI, first.rfc).find(a_query(receptores=(second.rfc,)), TODAY)
        got = world.sat.holdings(Family.CFDI, second.rfc).find(
            a_query(Operation.RECIBIDOS, owner=second.rfc, emisor=first.rfc, receptores=(second.rfc,)), TODAY
        )
        assert len(issued) > 0
        assert uuids(got) == uuids(issued)

    def test_cancelled_for_one_it_is_cancelled_for_the_other(self, world: World) -> None:
        first, second = (member.taxpayer for member in (world.corpora[0], world.corpora[1]))
        (one, *_) = world.sat.holdings(Family.CFDI, first.rfc).find(
            a_query(receptores=(second.rfc,), estado="Vigente"), TODAY
        )
        world.sat.change([one.uuid.lower()], Change(fecha_cancelacion=TODAY))
        for rfc in (first.rfc, second.rfc):
            found = world.sat.holdings(Family.CFDI, rfc).by_folio(one.uuid)
            assert found is not None
            assert found.fecha_cancelacion == TODAY
        with pytest.raises(ValueError, match="no hay CFDI"):
            world.sat.change(["5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"], Change())

    def test_everybody_has_retenciones_of_their_own(self, world: World) -> None:
        for corpus in world.corpora:
            rfc = corpus.taxpayer.rfc
            found = world.sat.holdings(Family.RETENCIONES, rfc).find(a_query(owner=rfc), TODAY)
            assert {(one.rfc_emisor, one.efecto) for one in found} == {(rfc, "R")}
            assert b"<retenciones:Retenciones" in found[0].xml()

    def test_the_consulta_knows_every_document_and_its_state(self, world: World) -> None:
        lista = build_lista(world, MovableClock(NOW))
        consulta = build_consulta(world.sat, lista)
        for corpus in world.corpora:
            for entry in corpus.entries()[::20]:
                known = consulta.find(entry.uuid.lower())
                assert known is not None
                assert (known.total, known.efecto) == (entry.total, entry.efecto)

    def test_the_list_names_suppliers_of_everybody_in_every_situation(self, world: World) -> None:
        lista = build_lista(world, MovableClock(NOW))
        situations = {situation for _, situation in lista.situations.values()}
        assert situations == {"Definitivo", "Presunto", "Desvirtuado", "Sentencia Favorable"}
        for corpus in world.corpora:
            assert len({each.rfc for each in corpus.counterparts} & set(lista.situations)) >= 4


class TestPeople:
    def test_fifty_taxpayers_are_fifty(self) -> None:
        people = first_taxpayers(50)
        assert len({each.rfc for each in people}) == 50
        assert people[:9] == first_taxpayers(9)

    def test_the_first_has_what_is_asked_and_nobody_invoices_themselves(self) -> None:
        assert sizes(4, 1_000)[0] == 1_000
        assert sizes(1, 7) == [7]
        assert cross_sizes(1, 1_000) == {}
        assert all(one != other for one, other in cross_sizes(12, 1_000))


def test_each_has_an_efirma_and_a_csd_that_open(tmp_path: Path) -> None:
    for member in open_shelf(tmp_path, NOW, 3).members:
        assert isinstance(member.efirma.pair(), KeyPair)
        assert member.csd.cer.read_bytes() != member.efirma.cer.read_bytes()


def test_a_large_year_is_not_held_in_memory() -> None:
    """By default 3,000 documents; ACUSE_PROOF=200 looks through 200,000."""
    held = Holdings(Source(Corpus(taxpayer=TAXPAYER, year=2025, size=SIZE)))
    held.find(a_query(end=datetime.fromisoformat("2025-01-31T23:59:59")), TODAY)
    tracemalloc.start()
    found = held.find(a_query(), TODAY), held.find(a_query(Operation.RECIBIDOS), TODAY)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, found)) == SIZE
    assert kept < 100 * SIZE  # bytes; one document takes more than a thousand
