"""Indexing packages: once by package, once by UUID, whatever comes first, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from acuse.kernel.database import Database
from acuse.kernel.files import FileMissing
from acuse.mx.archivo import ArchivoService, Direction, EstadoCfdi
from acuse.mx.cfdi.errors import NotAPaquete
from acuse.mx.cfdi.metadata import HEADER
from tests.mx.archivo.conftest import Office, Put
from tests.support.cfdis import a_metadata_package, a_zip, an_xml_package, entries_of, some_xml

EARLY = datetime(2026, 1, 10, tzinfo=UTC)
LATE = EARLY + timedelta(days=4)


async def rows(database: Database) -> list[dict[str, Any]]:
    """Every row of the index, without what tells only the order of things."""
    async with database.transaction() as tx:
        found = await tx.execute(text("select * from cfdi order by contribuyente_id, uuid"))
        kept = [dict(row._mapping) for row in found]
    for row in kept:
        row.pop("contraparte_id")
        row.pop("xml_paquete_id")
    return kept


class TestXml:
    async def test_every_document_of_a_package_becomes_a_row(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        entries = entries_of("E")
        report = await archive.ingest_xml_package(office.kemper, await put("a", an_xml_package(entries)), "E")
        assert (report.read, report.new, report.duplicate, report.refused) == (len(entries), len(entries), 0, 0)
        stored = {str(row["uuid"]).upper(): row for row in await rows(database)}
        assert stored.keys() == {entry.uuid for entry in entries}
        for entry in entries:
            row = stored[entry.uuid]
            assert (row["total"], row["fecha"], row["efecto"]) == (entry.total, entry.fecha, entry.efecto)
            assert (row["emisor_nombre"], row["receptor_nombre"]) == (entry.emisor_nombre, entry.receptor_nombre)
            assert row["direction"] == "E"
            assert row["estado"] is None

    async def test_the_same_package_again_changes_nothing(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        key = await put("a", an_xml_package(entries_of("E")))
        first = await archive.ingest_xml_package(office.kemper, key, "E")
        before = await rows(database)
        again = await archive.ingest_xml_package(office.kemper, key, "E")
        assert again.already
        assert (again.read, again.new) == (first.read, first.new)
        assert await rows(database) == before

    async def test_the_same_documents_in_another_package_are_duplicates(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        package = an_xml_package(entries_of("R"))
        await archive.ingest_xml_package(office.kemper, await put("a", package), "R")
        before = await rows(database)
        report = await archive.ingest_xml_package(office.kemper, await put("b", package), "R")
        assert (report.new, report.duplicate) == (0, len(before))
        assert await rows(database) == before

    async def test_a_document_twice_in_one_package_counts_once(
        self, archive: ArchivoService, office: Office, put: Put
    ) -> None:
        entry, xml = some_xml()[0]
        package = a_zip([(f"{entry.uuid}.xml", xml), (f"{entry.uuid.lower()}.XML.xml", xml)])
        report = await archive.ingest_xml_package(office.kemper, await put("a", package), entry.direction)
        assert (report.read, report.new, report.duplicate) == (2, 1, 1)

    async def test_what_cannot_be_read_is_told_and_the_rest_is_indexed(
        self, archive: ArchivoService, office: Office, put: Put
    ) -> None:
        entry, xml = some_xml()[0]
        unstamped = xml.replace(b"tfd:TimbreFiscalDigital", b"tfd:Otro")
        package = a_zip(
            [
                ("junk.xml", b"<no"),
                ("other.xml", b"<note/>"),
                ("unstamped.xml", unstamped),
                (f"{entry.uuid}.xml", xml),
                ("__MACOSX/._x.xml", b"junk"),
            ]
        )
        key = await put("a", package)
        report = await archive.ingest_xml_package(office.kemper, key, entry.direction)
        assert (report.new, report.refused) == (1, 3)
        assert {(each.name, each.code) for each in report.refusals} == {
            ("junk.xml", "CFDI_XML_UNREADABLE"),
            ("other.xml", "CFDI_UNKNOWN_DOCUMENT"),
            ("unstamped.xml", "CFDI_NOT_STAMPED"),
        }
        assert await archive.ingest_xml_package(office.kemper, key, entry.direction) == replace(report, already=True)

    async def test_a_broken_package_leaves_no_trace(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        package = an_xml_package(entries_of("E"))
        key = await put("a", package[:-40])
        with pytest.raises(NotAPaquete):
            await archive.ingest_xml_package(office.kemper, key, "E")
        assert await rows(database) == []
        await put("a", package)
        assert (await archive.ingest_xml_package(office.kemper, key, "E")).new == len(entries_of("E"))

    async def test_a_package_that_is_not_stored_is_said_so(self, archive: ArchivoService, office: Office) -> None:
        with pytest.raises(FileMissing):
            await archive.ingest_xml_package(office.kemper, "clientes/X/2025/paquetes/cfdi/none.zip", "E")

    async def test_two_taxpayers_may_have_the_same_document(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        package = an_xml_package(entries_of("E")[:3])
        await archive.ingest_xml_package(office.kemper, await put("a", package), "E")
        await archive.ingest_xml_package(office.other, await put("b", package), "R")
        assert [row["direction"] for row in await rows(database)] == ["E"] * 3 + ["R"] * 3


class TestMetadata:
    async def test_every_row_is_known_before_its_xml(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        entries = entries_of("R")
        report = await archive.ingest_metadata_package(office.kemper, await put("m", a_metadata_package(entries)), "R")
        assert (report.read, report.new, report.refused) == (len(entries), len(entries), 0)
        stored = {str(row["uuid"]).upper(): row for row in await rows(database)}
        for entry in entries:
            row = stored[entry.uuid]
            assert row["estado"] == ("cancelado" if entry.cancelado else "vigente")
            assert row["fecha_cancelacion"] == entry.fecha_cancelacion
            assert (row["total"], row["rfc_pac"]) == (entry.total, entry.rfc_pac)
            assert (row["tercero_rfc"], row["tercero_nombre"]) == (entry.tercero_rfc, entry.tercero_nombre)
            assert row["version"] is None

    @pytest.mark.parametrize("direction", ["E", "R"])
    async def test_metadata_then_xml_and_xml_then_metadata_give_the_same_rows(
        self, archive: ArchivoService, office: Office, put: Put, database: Database, direction: str
    ) -> None:
        entries = entries_of(direction)
        xml, metadata = an_xml_package(entries), a_metadata_package(entries)
        await archive.ingest_metadata_package(office.kemper, await put("m", metadata), direction, as_of=EARLY)
        await archive.ingest_xml_package(office.kemper, await put("x", xml), direction)
        first = await rows(database)
        async with database.transaction() as tx:
            await tx.execute(text("truncate cfdi, contrapartes, indexed_paquetes"))
        await archive.ingest_xml_package(office.kemper, await put("x", xml), direction)
        await archive.ingest_metadata_package(office.kemper, await put("m", metadata), direction, as_of=EARLY)
        assert await rows(database) == first
        assert len(first) == len(entries)

    @pytest.mark.parametrize("newest_first", [False, True])
    async def test_the_state_told_last_holds_in_whatever_order_it_arrives(
        self, archive: ArchivoService, office: Office, put: Put, newest_first: bool
    ) -> None:
        entry = next(entry for entry in entries_of("E") if not entry.cancelado)
        alive = f"{HEADER}\r\n{entry.metadata_line()}\r\n"
        dead = alive.replace("~1~", "~0~2026-01-12 09:00:00")
        told = [("early", alive, EARLY), ("late", dead, LATE)]
        for name, table, as_of in reversed(told) if newest_first else told:
            key = await put(name, a_zip([("t_01.txt", table.encode())]))
            await archive.ingest_metadata_package(office.kemper, key, "E", as_of=as_of)
        found = await archive.get(office.alice, entry.uuid)
        assert found.estado is EstadoCfdi.CANCELADO
        assert found.fecha_cancelacion == datetime.fromisoformat("2026-01-12T09:00:00")

    async def test_rows_that_cannot_be_read_are_told(self, archive: ArchivoService, office: Office, put: Put) -> None:
        good = entries_of("R")[0].metadata_line()
        table = f"{HEADER}\r\n{good}\r\nbroken~row\r\n~no~uuid{'~' * 9}\r\n"
        key = await put("m", a_zip([("t_01.txt", table.encode()), ("readme.txt", b"hello")]))
        report = await archive.ingest_metadata_package(office.kemper, key, Direction.RECIBIDO)
        assert (report.read, report.refused) == (1, 3)
        assert {each.name for each in report.refusals} == {"renglón 3", "renglón 4", "readme.txt"}
