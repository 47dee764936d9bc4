"""Finding CFDIs again: filters, pages, who sees what, the XML byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import text

from acuse.kernel.database import Database
from acuse.kernel.errors import InvalidInput
from acuse.kernel.files import Files
from acuse.mx.archivo import (
    ArchivoService,
    BadSearch,
    CfdiFilter,
    CfdiNotFound,
    Direction,
    Efecto,
    EstadoCfdi,
    XmlNotStored,
)
from acuse.mx.archivo.model import uuid_range
from acuse.mx.cfdi.corpus import CorpusEntry
from acuse.mx.cfdi.search_key import search_key, search_words
from acuse.mx.contribuyentes import ContribuyenteNotFound
from tests.mx.archivo.conftest import OTHER_RFC, Office, Put
from tests.support import documents as made
from tests.support.cfdis import (
    TAXPAYER,
    YEAR,
    a_corpus,
    a_metadata_package,
    a_zip,
    an_xml_package,
    entries_of,
    some_xml,
)

ALL = sorted(a_corpus().entries(), key=lambda entry: (entry.fecha, entry.uuid), reverse=True)


@pytest.fixture
async def full(archive: ArchivoService, office: Office, put: Put) -> ArchivoService:
    """The whole small year: everything issued and received with XML but December, of which only metadata is known."""
    for direction in "ER":
        entries = entries_of(direction)
        await archive.ingest_metadata_package(
            office.kemper, await put(f"m{direction}", a_metadata_package(entries)), direction
        )
        before = [entry for entry in entries if entry.fecha.month < 12]
        await archive.ingest_xml_package(office.kemper, await put(f"x{direction}", an_xml_package(before)), direction)
    return archive


async def found(archive: ArchivoService, office: Office, wanted: CfdiFilter) -> list[str]:
    page = await archive.search(office.alice, wanted, limit=500)
    return [row.folio_fiscal for row in page.items]


def of(entries: list[CorpusEntry]) -> list[str]:
    return [entry.uuid for entry in entries]


def names_of(entry: CorpusEntry) -> list[str]:
    party = (
        (entry.emisor_rfc, entry.emisor_nombre)
        if entry.direction == "R"
        else (
            entry.receptor_rfc,
            entry.receptor_nombre,
        )
    )
    return search_words(" ".join(party))


class TestFilters:
    async def test_all_come_newest_first(self, full: ArchivoService, office: Office) -> None:
        assert await found(full, office, CfdiFilter()) == of(ALL)

    async def test_each_filter_finds_exactly_its_own(self, full: ArchivoService, office: Office) -> None:
        some = ALL[len(ALL) // 2]
        party = next(each for each in ALL if each.direction == "R" and "&" in each.emisor_rfc)
        cases: list[tuple[CfdiFilter, Callable[[CorpusEntry], bool]]] = [
            (CfdiFilter(direction=Direction.EMITIDO), lambda e: e.direction == "E"),
            (CfdiFilter(efecto=Efecto.PAGO), lambda e: e.efecto == "P"),
            (CfdiFilter(estado=EstadoCfdi.CANCELADO), lambda e: e.cancelado),
            (CfdiFilter(uuid=some.uuid), lambda e: e.uuid == some.uuid),
            (CfdiFilter(uuid=some.uuid[:9].lower()), lambda e: e.uuid.startswith(some.uuid[:9])),
            (CfdiFilter(desde=date(YEAR, 3, 1), hasta=date(YEAR, 3, 31)), lambda e: e.fecha.month == 3),
            (CfdiFilter(desde=some.fecha, hasta=some.fecha), lambda e: e.fecha == some.fecha),
            (CfdiFilter(total_min=Decimal(5_000), total_max=Decimal(20_000)), lambda e: 5_000 <= e.total <= 20_000),
            (CfdiFilter(emisor=party.emisor_rfc.lower()), lambda e: e.emisor_rfc == party.emisor_rfc),
            (CfdiFilter(receptor=party.emisor_rfc), lambda e: e.receptor_rfc == party.emisor_rfc),
            (CfdiFilter(emisor=TAXPAYER.rfc), lambda e: e.emisor_rfc == TAXPAYER.rfc),
            (CfdiFilter(with_xml=False), lambda e: e.fecha.month == 12),
            (
                CfdiFilter(direction=Direction.RECIBIDO, efecto=Efecto.INGRESO, desde=date(YEAR, 6, 1)),
                lambda e: e.direction == "R" and e.efecto == "I" and e.fecha.month >= 6,
            ),
        ]
        for wanted, holds in cases:
            expected = [entry.uuid for entry in ALL if holds(entry)]
            assert expected, wanted
            assert await found(full, office, wanted) == expected, wanted

    async def test_text_finds_beginnings_of_words_without_accents_and_with_their_enye(
        self, full: ArchivoService, office: Office
    ) -> None:
        words = {word for each in ALL for word in each.emisor_nombre.split()}
        wanted = [word for word in words if "Ñ" in word or not word.isascii()]
        assert len(wanted) > 3
        for word in wanted:
            beginning = search_key(word)[:-1].lower()
            expected = [each.uuid for each in ALL if any(w.startswith(search_key(word)[:-1]) for w in names_of(each))]
            assert await found(full, office, CfdiFilter(text=beginning)) == expected, word
            if "Ñ" in word:
                assert await found(full, office, CfdiFilter(text=word.replace("Ñ", "N"))) == []

    async def test_text_finds_rfcs_folios_and_uuids(self, full: ArchivoService, office: Office) -> None:
        entry = next(each for each in ALL if each.direction == "R" and each.fecha.month < 12)
        detail = await full.get(office.alice, entry.uuid)
        folio, serie = detail.folio or "", detail.serie or ""
        for words in (f"{serie} {folio}", f"{serie.lower()}-{folio}", f"{serie}{folio}"):
            page = await full.search(office.alice, CfdiFilter(text=words))
            assert entry.uuid in [row.folio_fiscal for row in page.items], words
        assert not (await full.search(office.alice, CfdiFilter(text=f"{serie}Z-{folio}"))).items
        for words in (entry.emisor_rfc[:6], entry.emisor_rfc.lower(), folio, entry.uuid, entry.uuid[:8].lower()):
            assert entry.uuid in await found(full, office, CfdiFilter(text=words)), words

    @pytest.mark.parametrize("words", ["'", "\\", "& | !", "a' | b", "%", "🙂", ":*", "(((", "\0x"])
    async def test_odd_text_finds_nothing_or_is_told(self, full: ArchivoService, office: Office, words: str) -> None:
        with suppress(BadSearch):
            assert len(await found(full, office, CfdiFilter(text=words))) < len(ALL)

    @pytest.mark.parametrize("beginning", ["", "abc", "xyz1", "-----", "0" * 33])
    def test_a_beginning_that_is_none_is_told(self, beginning: str) -> None:
        with pytest.raises(BadSearch):
            uuid_range(beginning)


class TestPages:
    @pytest.mark.parametrize("limit", [1, 7, 50])
    async def test_pages_give_every_row_once(self, full: ArchivoService, office: Office, limit: int) -> None:
        seen: list[str] = []
        cursor = None
        while True:
            page = await full.search(office.alice, cursor=cursor, limit=limit)
            seen += [row.folio_fiscal for row in page.items]
            cursor = page.next_cursor
            if cursor is None or len(seen) > 60:
                break
        assert seen == of(ALL)[: len(seen)]

    @pytest.mark.parametrize(
        ("wanted", "holds"),
        [
            (CfdiFilter(), lambda _: True),
            (
                CfdiFilter(desde=date(YEAR, 3, 1), hasta=date(YEAR, 10, 31)),
                lambda entry: 3 <= entry.fecha.month <= 10,
            ),
            (CfdiFilter(estado=EstadoCfdi.CANCELADO), lambda entry: entry.cancelado),
            (CfdiFilter(direction=Direction.RECIBIDO), lambda entry: entry.direction == "R"),
        ],
    )
    async def test_pages_of_what_several_parties_are_named_in(
        self, full: ArchivoService, office: Office, wanted: CfdiFilter, holds: Callable[[CorpusEntry], bool]
    ) -> None:
        words = {word: {names_of(e)[0] for e in ALL if word in names_of(e)} for each in ALL for word in names_of(each)}
        word = max((each for each in words if len(words[each]) <= 100), key=lambda each: len(words[each]))
        assert len(words[word]) > 3
        named = [e for e in ALL if holds(e) and any(each.startswith(word) for each in names_of(e))]
        seen: list[str] = []
        cursor = None
        while len(seen) <= len(named):
            page = await full.search(office.alice, replace(wanted, text=word), cursor=cursor, limit=7)
            seen += [row.folio_fiscal for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == of(named)

    async def test_two_words_that_name_nobody_find_nothing(self, full: ArchivoService, office: Office) -> None:
        assert (await full.search(office.alice, CfdiFilter(text="nadie jamás"))).items == []

    async def test_rows_that_come_meanwhile_do_not_shift_a_page(
        self, full: ArchivoService, office: Office, database: Database
    ) -> None:
        first = await full.search(office.alice, limit=10)
        async with database.transaction() as tx:
            await tx.execute(
                text("update cfdi set fecha = fecha + interval '1 year' where uuid = :uuid"), {"uuid": ALL[0].uuid}
            )
        second = await full.search(office.alice, cursor=first.next_cursor, limit=10)
        assert [row.folio_fiscal for row in second.items] == of(ALL)[10:20]

    async def test_several_taxpayers_are_merged_into_one_list(
        self, full: ArchivoService, office: Office, put: Put
    ) -> None:
        shared = [entry for entry in ALL if entry.direction == "E" and entry.fecha.month < 12][:20]
        await full.ingest_xml_package(office.other, await put("o", an_xml_package(shared)), "R")
        seen: list[tuple[str, str]] = []
        cursor = None
        while True:
            page = await full.search(office.machine, cursor=cursor, limit=3)
            seen += [(row.folio_fiscal, row.rfc) for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        again = {entry.uuid for entry in shared}
        expected = [
            pair for uuid in of(ALL) for pair in ([(uuid, OTHER_RFC)] if uuid in again else []) + [(uuid, TAXPAYER.rfc)]
        ]
        assert seen == expected

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "WzEsMiwzXQ"])
    async def test_a_cursor_we_did_not_make_is_told(self, archive: ArchivoService, office: Office, cursor: str) -> None:
        with pytest.raises(InvalidInput):
            await archive.search(office.alice, cursor=cursor)


class TestWhoSeesWhat:
    async def test_alice_and_bob_see_it_and_charlie_does_not(self, full: ArchivoService, office: Office) -> None:
        uuid = ALL[-1].uuid
        for person in (office.alice, office.bob, office.machine):
            assert (await full.get(person, uuid)).folio_fiscal == uuid
            assert (await full.counts(person)).total == len(ALL)
        assert (await full.search(office.charlie)).items == []
        assert (await full.counts(office.charlie)).total == 0
        assert await full.summary(office.charlie) == []
        for attempt in (full.get(office.charlie, uuid), full.xml(office.charlie, uuid)):
            with pytest.raises(CfdiNotFound):
                await attempt
        for refused in (
            full.search(office.charlie, rfc=TAXPAYER.rfc),
            full.xml(office.charlie, uuid, rfc=TAXPAYER.rfc),
        ):
            with pytest.raises(ContribuyenteNotFound):
                await refused


class TestXml:
    async def test_it_is_byte_for_byte_that_of_the_package(self, full: ArchivoService, office: Office) -> None:
        for entry, xml in some_xml()[::20]:
            if entry.fecha.month < 12:
                stored = await full.xml(office.bob, entry.uuid.lower(), rfc=TAXPAYER.rfc)
                assert (stored.content, stored.file_name) == (xml, f"{entry.uuid}.xml")

    async def test_what_is_known_from_metadata_only_has_none_yet(self, full: ArchivoService, office: Office) -> None:
        with pytest.raises(XmlNotStored):
            await full.xml(office.alice, ALL[0].uuid)

    async def test_it_is_read_out_of_a_large_package_by_its_range(
        self, full: ArchivoService, office: Office, files: Files
    ) -> None:
        found = await full.get(office.alice, ALL[-1].uuid)
        assert found.xml is not None
        assert found.xml.length < len(await files.get(found.xml.paquete_key)) / 10


class TestSums:
    async def test_months_add_up_to_the_year(self, full: ArchivoService, office: Office) -> None:
        months = await full.summary(office.alice, rfc=TAXPAYER.rfc)
        assert sum(each.count for each in months) == len(ALL)
        assert sum(each.cancelled for each in months) == sum(entry.cancelado for entry in ALL)
        assert sum(each.without_xml for each in months) == sum(entry.fecha.month == 12 for entry in ALL)
        march = next(each for each in months if each.month == date(YEAR, 3, 1) and each.direction == "R")
        in_force = [
            entry
            for entry in ALL
            if entry.fecha.month == 3 and entry.direction == "R" and entry.efecto == "I" and not entry.cancelado
        ]
        details = [await full.get(office.alice, entry.uuid) for entry in in_force]
        assert march.ingresos_mxn == sum(each.total * (each.tipo_cambio or 1) for each in details)

    async def test_counts_tell_what_there_is(self, full: ArchivoService, office: Office) -> None:
        counts = await full.counts(office.alice)
        assert counts.total == len(ALL)
        assert counts.cancelados == sum(entry.cancelado for entry in ALL)
        without = [entry for entry in ALL if entry.fecha.month == 12]
        assert counts.missing == sum(not (entry.direction == "R" and entry.cancelado) for entry in without)

    async def test_a_year_without_documents_is_empty(self, full: ArchivoService, office: Office) -> None:
        assert await full.summary(office.alice, year=2001) == []


def test_a_bare_last_day_means_its_last_second() -> None:
    assert CfdiFilter(hasta=date(2025, 1, 31)).last_moment == datetime.combine(date(2025, 1, 31), time(23, 59, 59))


async def test_what_a_text_finds_in_two_ways_is_listed_once(archive: ArchivoService, office: Office, put: Put) -> None:
    first, second = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    members = [(f"{uuid}.xml", made.cfdi32(uuid, folio=folio)) for uuid, folio in ((first, "OTOÑO"), (second, "2"))]
    await archive.ingest_xml_package(office.kemper, await put("a", a_zip(members)), "E")
    assert await found(archive, office, CfdiFilter(text="OTOÑO")) == [second, first]
    assert await found(archive, office, CfdiFilter(text="2")) == [second]
    assert await found(archive, office, CfdiFilter(text="PRIMAVERA")) == []
