"""What each format holds, read by programs that are not ours."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from acuse.mx.cfdi import zip_records
from acuse.mx.cfdi.zip_records import Written
from acuse.mx.exportaciones import Maker
from tests.mx.archivo.test_web import ENYE, NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.exportaciones.conftest import API, exported, unzipped
from tests.support.cfdis import TAXPAYER, some_xml

XML = {entry.uuid: xml for entry, xml in some_xml()}
WITHOUT = {entry.uuid for entry in NEWEST[:5]}


def lines(data: bytes) -> list[dict[str, str]]:
    """A CSV as Excel reads it."""
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def found(who: Visitor, **filters: Any) -> list[str]:
    """What the search finds with the same filters."""
    answer = await who.api.get(f"{API}/cfdis", params={"limite": "500", **filters})
    return [each["uuid"] for each in answer.json()["cfdis"]]


FILTERS: list[dict[str, str]] = [
    {"rfc": TAXPAYER.rfc},
    {"rfc": TAXPAYER.rfc, "tipo_comprobante": "E", "efecto": "I", "estado": "vigente", "fecha_inicio": "2025-03-01",
     "fecha_fin": "2025-06-30", "importe_min": "1000"},
    {"rfc": TAXPAYER.rfc, "con_xml": "false"},
    {"texto": "de"},
]  # fmt: skip


class TestCsv:
    @pytest.mark.parametrize("filters", FILTERS)
    async def test_holds_what_the_search_finds_in_its_order(
        self, alice: Visitor, maker: Maker, filters: dict[str, str]
    ) -> None:
        at_once = await alice.api.get(f"{API}/cfdis.csv", params=filters)
        assert at_once.status_code == 200
        wanted = await found(alice, **filters)
        assert wanted
        assert [line["uuid"] for line in lines(at_once.content)] == wanted
        by_job = lines(await exported(alice, maker, "csv", **filters))
        assert sorted(map(str, by_job)) == sorted(map(str, lines(at_once.content)))

    async def test_amounts_and_dates_are_the_documents_own(self, alice: Visitor) -> None:
        told = lines((await alice.api.get(f"{API}/cfdis.csv", params={"rfc": TAXPAYER.rfc})).content)
        for entry, line in zip(NEWEST, told, strict=True):
            assert (line["total"], line["fecha"]) == (str(entry.total), str(entry.fecha))
            assert line["con_xml"] == ("no" if entry.uuid in WITHOUT else "si")

    async def test_a_name_that_could_be_a_formula_is_harmless_in_both(
        self, site: Site, alice: Visitor, maker: Maker
    ) -> None:
        async with site.house.database.transaction() as tx:
            await tx.execute(text("update cfdi set emisor_nombre = '=HYPERLINK(\"x\")'"))
        query = {"uuid": NEWEST[9].uuid, "rfc": TAXPAYER.rfc}
        at_once = lines((await alice.api.get(f"{API}/cfdis.csv", params=query)).content)
        by_job = lines(await exported(alice, maker, "csv", **query))
        assert [line["nombre_emisor"] for line in (*at_once, *by_job)] == ['\'=HYPERLINK("x")'] * 2

    async def test_taking_it_is_audited_with_filters_and_count(self, site: Site, alice: Visitor) -> None:
        await alice.api.get(f"{API}/cfdis.csv", params={"rfc": TAXPAYER.rfc, "efecto": "P"})
        async with site.house.database.transaction() as tx:
            told = (await tx.execute(text("select despues from auditoria where accion = 'EXPORT_CSV'"))).scalar_one()
        assert told["filas"] == sum(entry.efecto == "P" for entry in NEWEST)
        assert told["filtros"] == {"rfc": [TAXPAYER.rfc], "efecto": "P"}

    async def test_of_another_taxpayer_there_is_nothing(self, alice: Visitor, charlie: Visitor) -> None:
        assert (await charlie.api.get(f"{API}/cfdis.csv", params={"rfc": TAXPAYER.rfc})).status_code == 404
        assert (await charlie.api.get(f"{API}/cfdis.csv")).json()["error"] == "EXPORT_EMPTY"
        assert alice.user.id != charlie.user.id


class TestWorkbook:
    async def test_openpyxl_reads_every_cell(self, alice: Visitor, maker: Maker) -> None:
        book = load_workbook(io.BytesIO(await exported(alice, maker, "xlsx", rfc=TAXPAYER.rfc)))
        sheet = book["CFDI"]
        assert sheet.freeze_panes == "A2"
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        heads = rows[0]
        assert len(rows) == len(NEWEST) + 1
        for entry, values in zip(NEWEST, rows[1:], strict=True):
            told = dict(zip(heads, values, strict=True))
            assert (told["RFC"], told["Folio fiscal"]) == (TAXPAYER.rfc, entry.uuid)
            assert told["Fecha de emisión"] == entry.fecha
            assert isinstance(told["Fecha de emisión"], datetime)
            assert round(float(str(told["Total"])) * 100) == round(entry.total * 100)
            assert told["Nombre emisor"] == entry.emisor_nombre or entry.uuid not in WITHOUT
        assert sheet.auto_filter.ref.endswith(str(len(rows)))

    async def test_text_is_never_a_formula_and_never_breaks_the_sheet(
        self, site: Site, alice: Visitor, maker: Maker
    ) -> None:
        nasty = '=1+1 <&"\x07 Ñandú \ud83e\udd86'.encode("utf-16", "surrogatepass").decode("utf-16")
        async with site.house.database.transaction() as tx:
            await tx.execute(text("update cfdi set emisor_nombre = :name"), {"name": nasty})
        book = load_workbook(io.BytesIO(await exported(alice, maker, "xlsx", rfc=ENYE)))
        column = next(cell.column for cell in book["CFDI"][1] if cell.value == "Nombre emisor")
        cell = book["CFDI"].cell(2, column)
        assert (cell.value, cell.data_type) == (nasty.replace("\x07", ""), "s")

    async def test_a_full_sheet_is_followed_by_another(self, alice: Visitor, maker: Maker) -> None:
        maker.rows_per_sheet = 70
        book = load_workbook(io.BytesIO(await exported(alice, maker, "xlsx", rfc=TAXPAYER.rfc)), read_only=True)
        counts = [sum(1 for _ in book[name].iter_rows()) - 1 for name in book.sheetnames]
        assert counts == [70, 70, 70, len(NEWEST) - 210]
        first = [str(row[1]) for row in book["CFDI 2"].iter_rows(min_row=2, max_row=2, values_only=True)]
        assert first == [NEWEST[70].uuid]


class TestZip:
    async def test_each_xml_is_byte_for_byte_at_its_place(self, alice: Visitor, maker: Maker) -> None:
        held = unzipped(await exported(alice, maker, "zip", rfc=TAXPAYER.rfc))
        for entry in NEWEST[5:]:
            assert held.pop(f"{entry.fecha:%Y-%m}/{entry.direction}/{entry.uuid}.xml") == XML[entry.uuid]
        assert set(held) == {"cfdi.csv", "LEEME.txt"}

    async def test_what_has_no_xml_is_told_inside(self, alice: Visitor, maker: Maker) -> None:
        held = unzipped(await exported(alice, maker, "zip", rfc=TAXPAYER.rfc))
        told = lines(held["cfdi.csv"])
        assert [line["uuid"] for line in told] == [entry.uuid for entry in NEWEST]
        assert {line["uuid"] for line in told if not line["archivo"]} == WITHOUT
        assert all(bool(line["archivo"]) != bool(line["nota"]) for line in told)
        assert {line["archivo"] for line in told} - {""} == set(held) - {"cfdi.csv", "LEEME.txt"}
        assert "Sin XML (sólo metadatos): 5\r\n" in held["LEEME.txt"].decode()

    async def test_only_the_filtered(self, alice: Visitor, maker: Maker) -> None:
        filters = {
            "rfc": TAXPAYER.rfc,
            "tipo_comprobante": "R",
            "fecha_inicio": "2025-05-01",
            "fecha_fin": "2025-05-31",
        }
        held = unzipped(await exported(alice, maker, "zip", **filters))
        wanted = {f"2025-05/R/{entry.uuid}.xml" for entry in NEWEST if (entry.fecha.month, entry.direction) == (5, "R")}
        assert {name for name in held if name.endswith(".xml")} == wanted

    async def test_several_taxpayers_have_a_folder_each_even_with_enye(self, alice: Visitor, maker: Maker) -> None:
        held = unzipped(await exported(alice, maker, "zip"))
        entry = NEWEST[5]
        assert f"{ENYE}/{entry.fecha:%Y-%m}/{entry.direction}/{entry.uuid}.xml" in held
        assert f"{TAXPAYER.rfc}/{entry.fecha:%Y-%m}/{entry.direction}/{entry.uuid}.xml" in held

    async def test_a_damaged_or_lost_package_is_told_and_the_rest_comes(
        self, site: Site, alice: Visitor, maker: Maker
    ) -> None:
        data = bytearray(await site.house.files.get("p/x.zip"))
        async with site.house.database.transaction() as tx:
            row = (await tx.execute(text("select uuid, xml_offset from cfdi where xml_offset is not null and "
                                         "contribuyente_id = 1 order by xml_offset limit 1"))).one()  # fmt: skip
        data[row.xml_offset : row.xml_offset + 40] = bytes(40)
        await site.house.files.put("p/x.zip", bytes(data))
        await site.house.files.delete("p/o.zip")
        held = unzipped(await exported(alice, maker, "zip"))
        told = {(line["rfc"], line["uuid"]): line for line in lines(held["cfdi.csv"])}
        assert "ilegible" in told[TAXPAYER.rfc, str(row.uuid).upper()]["nota"]
        assert "ya no está" in told[ENYE, NEWEST[5].uuid]["nota"]
        assert len([name for name in held if name.endswith(".xml")]) == len(NEWEST) - 6
        assert "Con XML que no se pudo leer: 2\r\n" in held["LEEME.txt"].decode()


def test_records_of_huge_zips_are_read_by_another_program(tmp_path: Path) -> None:
    """More members and bytes than the first ZIP could count; the bytes themselves are a hole in the file."""
    big = Written("grande.xml", 0, 5_000_000_000, 5_000_000_000, 0)
    moment = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - a ZIP's dates have no zone
    path = tmp_path / "huge.zip"
    with path.open("wb") as file:
        head = zip_records.local_header(big, moment)
        file.write(head)
        file.seek(len(head) + big.compressed)
        small = Written("Ñ&O.xml", 0, 0, 0, 0)
        at = file.tell()
        file.write(zip_records.local_header(small, moment))
        start = file.tell()
        directory = zip_records.directory_record(big, 0, moment) + zip_records.directory_record(small, at, moment)
        file.write(directory + zip_records.end_records(2, len(directory), start))
    with zipfile.ZipFile(path) as archive:
        assert [(each.filename, each.file_size) for each in archive.infolist()] == [
            ("grande.xml", 5_000_000_000),
            ("Ñ&O.xml", 0),
        ]
        assert archive.read("Ñ&O.xml") == b""
        assert archive.infolist()[0].date_time == (2026, 3, 2, 12, 0, 0)
    many = zip_records.end_records(100_000, 1, 0)
    assert many.startswith(b"PK\6\6")
