"""Archives made to do harm, or by hands that did not care."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from acuse.mx.cfdi.paquete import Limits
from acuse.mx.importaciones.model import Outcome, Report
from acuse.mx.importaciones.service.sources import Source, Trouble
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.importaciones.conftest import EVERY, held, take_in
from tests.support.cfdis import a_zip

ENTRY, XML = EVERY[0]


@pytest.fixture(autouse=True)
def _alice(alice: Visitor) -> Visitor:
    return alice


def reasons(report: Report) -> dict[str, str]:
    return {each.name.rpartition("/")[2]: each.code for each in report.told}


async def test_names_lead_nowhere_and_are_made_printable(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    names = (
        "../../../../tmp/fuera.xml",
        "/etc/passwd.xml",
        "C:\\\\windows\\\\x.xml",
        "a\nb\x1b[31m.xml",
        "n" * 190 + ".xml",
    )
    path.write_bytes(a_zip([*((name, b"<no>") for name in names), (f"../{ENTRY.uuid}.xml", XML)]))
    report = await take_in(site, path)
    assert (report.new, report.unreadable) == (1, len(names))
    assert all(each.name.isprintable() and len(each.name) <= 200 for each in report.told)
    assert await held(site) == {ENTRY.uuid: XML}
    assert {item.key.split("/")[0] for item in await site.house.files.list("")} == {"clientes"}


async def test_a_name_longer_than_any_is_read_like_the_others(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    deep = "Ñandú & Cía/" * 100
    inner = a_zip([(f"{'n' * 300}.xml", EVERY[2][1])])
    members = [(f"{deep}{ENTRY.uuid}.xml", XML), (f"{deep}{'x' * 60_000}.XML", EVERY[1][1]), (f"{deep}b.zip", inner)]
    path.write_bytes(a_zip([*members, (f"{deep}roto.xml", b"<no>")]))
    report = await take_in(site, path)
    assert (report.new, report.unreadable, report.ignored) == (3, 1, 0)
    assert set(await held(site)) == {entry.uuid for entry, _ in EVERY[:3]}
    assert all(each.name.isprintable() and len(each.name) <= 200 for each in report.told)


async def test_each_file_that_cannot_be_read_has_its_reason(site: Site, tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + XML.partition(b"?>")[2]
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + XML.partition(b"?>")[2]
    files = {
        "vacio.xml": b"",
        "entidades.xml": bomb,
        "afuera.xml": outside,
        "otro.xml": b'<?xml version="1.0"?><Acuse xmlns="http://cancelacfd.sat.gob.mx"/>',
        "sin-timbre.xml": XML.replace(b"TimbreFiscalDigital", b"TimbreFalso"),
        "mal-codificado.xml": XML.replace(b"encoding='UTF-8'", b"encoding='EBCDIC-XX'"),
        "basura.xml": os.urandom(2_000),
        "cortado.xml": XML[: len(XML) // 2],
        "notas.txt": "lista del súper".encode("latin-1"),
        "roto.zip": b"PK\3\4 esto no es un ZIP",
        f"{ENTRY.uuid}.xml": XML,
    }
    folder = tmp_path / "archivo"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    report = await take_in(site, folder)
    assert (report.new, report.unreadable) == (1, len(files) - 1)
    told = reasons(report)
    assert set(told) == set(files) - {f"{ENTRY.uuid}.xml"}
    assert told["otro.xml"] == "CFDI_UNKNOWN_DOCUMENT"
    assert told["sin-timbre.xml"] == "CFDI_NOT_STAMPED"
    assert told["notas.txt"] == "METADATA_UNKNOWN"
    assert told["roto.zip"] == "PAQUETE_NOT_A_ZIP"
    assert all(each.text for each in report.told)
    assert all(each.outcome is Outcome.UNREADABLE for each in report.told)


async def test_encodings_of_other_systems_are_read(site: Site, tmp_path: Path) -> None:
    text = XML.decode().replace("encoding='UTF-8'", "encoding='UTF-16'")
    assert "encoding='UTF-16'" in text
    folder = tmp_path / "archivo"
    folder.mkdir()
    (folder / "utf16.xml").write_bytes(text.encode("utf-16"))
    (folder / "con-marca.XML").write_bytes(b"\xef\xbb\xbf" + EVERY[1][1])
    report = await take_in(site, folder)
    assert (report.new, report.unreadable) == (2, 0)


async def test_links_and_devices_are_not_followed(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "archivo"
    folder.mkdir()
    (tmp_path / "ajeno.xml").write_bytes(XML)
    (folder / "liga.xml").symlink_to(tmp_path / "ajeno.xml")
    (folder / "carpeta").symlink_to(tmp_path)
    os.mkfifo(folder / "tubo.xml")
    report = await take_in(site, folder)
    assert (report.new, report.unreadable, report.known) == (0, 0, 0)


async def test_a_loose_file_too_large_is_not_opened(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "archivo"
    folder.mkdir()
    with (folder / "enorme.xml").open("wb") as file:
        file.truncate(5_000_000_000)
    report = await take_in(site, folder)
    assert reasons(report) == {"enorme.xml": "PAQUETE_MEMBER_UNREADABLE"}


async def test_a_zip_in_a_zip_in_a_zip_is_told(site: Site, tmp_path: Path) -> None:
    inner = a_zip([(f"{ENTRY.uuid}.xml", XML)])
    path = tmp_path / "x.zip"
    path.write_bytes(a_zip([("a.zip", a_zip([("b.zip", inner)])), ("c.zip", inner)]))
    report = await take_in(site, path)
    assert (report.new, report.unreadable) == (1, 1)
    assert [each.name for each in report.told] == ["x.zip/a.zip/b.zip"]


def test_bombs_are_stopped_by_their_bounds(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    zeros = a_zip([("z.xml", bytes(3_000_000))])
    path.write_bytes(a_zip([("a.xml", bytes(3_000_000)), ("b.xml", bytes(3_000_000)), ("n.zip", zeros)]))
    tight = Limits(document_bytes=1_000_000, total_bytes=4_000_000)
    found = [each for each in Source(path).walk(tight) if isinstance(each, Trouble)]
    assert [each.code for each in found] == ["PAQUETE_MEMBER_UNREADABLE", "PAQUETE_TOO_LARGE"]


def test_a_member_that_lies_about_its_size_and_one_under_a_password_are_told(tmp_path: Path) -> None:
    raw = bytearray(a_zip([("a.xml", XML), ("b.xml", XML)]))
    second = raw.rindex(b"PK\1\2")
    struct.pack_into("<L", raw, second + 24, 10)
    first = raw.index(b"PK\1\2")
    struct.pack_into("<H", raw, first + 8, struct.unpack_from("<H", raw, first + 8)[0] | 1)
    path = tmp_path / "x.zip"
    path.write_bytes(bytes(raw))
    found = [each for each in Source(path).walk() if isinstance(each, Trouble)]
    assert [each.name for each in found] == ["x.zip/a.xml", "x.zip/b.xml"]
    assert "cifrado" in found[0].text


async def test_junk_of_other_systems_is_passed_over(site: Site, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("__MACOSX/._x.xml", b"\0\5\26\7")
        archive.writestr("carpeta/", b"")
        archive.writestr("Thumbs.db", b"x")
        archive.writestr(f"{ENTRY.uuid}.xml.xml", XML)
    path = tmp_path / "x.zip"
    path.write_bytes(out.getvalue())
    report = await take_in(site, path)
    assert (report.new, report.unreadable, report.ignored) == (1, 0, 2)
