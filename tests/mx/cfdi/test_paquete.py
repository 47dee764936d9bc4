"""Opening packages: what the SAT sends, what is broken, what is hostile."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuse.mx.cfdi.errors import MemberUnreadable, NotAPaquete, PaqueteError, PaqueteTooLarge
from acuse.mx.cfdi.paquete import DEFLATED, STORED, Kind, Limits, Member, Paquete, RefusedMember, inflate, kind_of
from acuse.mx.cfdi.zip_directory import Entry
from tests.support.cfdis import a_zip

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=20)


def opened(data: bytes, limits: Limits | None = None) -> Paquete:
    return Paquete(io.BytesIO(data), limits)


def contents(data: bytes) -> dict[str, bytes]:
    return {each.name: each.content for each in opened(data).members() if isinstance(each, Member)}


def only(data: bytes) -> Member | RefusedMember:
    (member,) = opened(data).members()
    return member


def fault(data: bytes) -> str:
    found = only(data)
    assert isinstance(found, RefusedMember)
    return str(found.fault.details["problem"])


class TestMembers:
    @settings(deadline=None)
    @given(
        st.lists(st.tuples(NAMES, st.binary(min_size=1, max_size=3_000)), unique_by=lambda m: m[0], max_size=20),
        st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    )
    def test_the_same_as_the_standard_library_reads(self, members: list[tuple[str, bytes]], method: int) -> None:
        named = [(f"x{name}.xml", content) for name, content in members]
        data = a_zip(named, method)
        assert contents(data) == dict(named)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = list(opened(data).entries())
            for entry, info in zip(entries, archive.infolist(), strict=True):
                assert (entry.name, entry.size_bytes, entry.crc) == (info.filename, info.file_size, info.CRC)

    def test_a_member_can_be_read_again_by_its_range(self) -> None:
        data = a_zip([("a.xml", b"<a/>" * 100), ("b.xml", b"<b/>" * 50)])
        for member in opened(data).members():
            assert isinstance(member, Member)
            piece = data[member.offset : member.offset + member.length]
            assert inflate(piece, method=member.method, size_bytes=len(member.content)) == member.content

    def test_a_zip64_directory_is_read(self) -> None:
        out = io.BytesIO()
        with (
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("a.xml", "w", force_zip64=True) as member,
        ):
            member.write(b"<a/>")
        assert contents(out.getvalue()) == {"a.xml": b"<a/>"}

    def test_more_members_than_16_bits_count_are_read(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for place in range(65_600):
                archive.writestr(zipfile.ZipInfo(f"{place}.xml"), b"x")
        paquete = opened(out.getvalue())
        assert sum(1 for _ in paquete.entries()) == 65_600

    def test_a_comment_and_bytes_in_front_do_no_harm(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.xml", b"<a/>")
            archive.comment = b"a comment of the PAC"
        assert contents(b"front" + out.getvalue()) == {"a.xml": b"<a/>"}

    def test_a_package_on_disk_is_closed_again(self, tmp_path: Path) -> None:
        path = tmp_path / "p.zip"
        path.write_bytes(a_zip([("a.xml", b"<a/>")]))
        with Paquete.open(path) as paquete:
            assert len(list(paquete.members())) == 1
        with pytest.raises(ValueError, match="closed"):
            list(paquete.members())

    def test_stretches_of_the_directory_cover_it_all(self) -> None:
        data = a_zip([("junk.bin", b"1"), *((f"{n}.xml", b"<a/>") for n in range(25)), ("z.txt", b"1")])
        paquete = opened(data)
        spans = list(paquete.spans(Kind.XML, 10))
        found = [[each.name for each in paquete.members(Kind.XML, span)] for span in spans]
        assert [len(part) for part in found] == [10, 10, 5]
        assert [name for part in found for name in part] == [f"{n}.xml" for n in range(25)]


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("5C2B6A0E.xml", Kind.XML),
            ("5C2B6A0E.XML", Kind.XML),
            ("5C2B6A0E.xml.xml", Kind.XML),
            ("folder/5C2B6A0E.xml", Kind.XML),
            ("../../etc/5C2B6A0E.xml", Kind.XML),
            ("table_01.txt", Kind.TABLE),
            ("__MACOSX/._5C2B6A0E.xml", Kind.JUNK),
            ("__MACOSX/5C2B6A0E.xml", Kind.JUNK),
            ("._5C2B6A0E.xml", Kind.JUNK),
            (".DS_Store", Kind.JUNK),
            ("folder/", Kind.JUNK),
            ("inner.zip", Kind.JUNK),
            ("5C2B6A0E.xml.exe", Kind.JUNK),
        ],
    )
    def test_a_name_tells_what_to_try(self, name: str, kind: Kind) -> None:
        assert kind_of(Entry(name, 0, 1, 1, 0, 8, 0)) is kind

    @pytest.mark.parametrize(("name", "kind"), [("a/" * 500 + "x.xml", Kind.XML), ("é" * 300 + ".txt", Kind.TABLE)])
    def test_a_long_name_still_tells_and_is_shortened(self, name: str, kind: Kind) -> None:
        with zipfile.ZipFile(io.BytesIO(a_zip([(name, b"x")]))) as whole:
            assert whole.namelist() == [name]
        (entry,) = opened(a_zip([(name, b"x")])).entries()
        assert kind_of(entry) is kind
        assert len(entry.name) <= 201

    def test_an_empty_member_is_junk(self) -> None:
        assert kind_of(Entry("a.xml", 0, 0, 0, 0, 0, 0)) is Kind.JUNK


class TestBroken:
    @pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 10, b"PK\5\6" + b"\xff" * 18])
    def test_what_is_no_zip_is_refused(self, data: bytes) -> None:
        with pytest.raises(NotAPaquete):
            opened(data)

    def test_every_cut_is_refused_or_told(self) -> None:
        data = a_zip([(f"{n}.xml", b"<a/>" * 30) for n in range(4)])
        for size in range(0, len(data), 7):
            with pytest.raises(NotAPaquete):
                list(opened(data[:size]).members())

    @given(st.data())
    @settings(deadline=None)
    def test_damage_never_gives_another_fault(self, data: st.DataObject) -> None:
        damaged = bytearray(a_zip([(f"{n}.xml", b"<a/>" * 30) for n in range(3)]))
        for _ in range(data.draw(st.integers(1, 12))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        with suppress(PaqueteError):
            paquete = opened(bytes(damaged))
            for kind in Kind:
                list(paquete.members(kind))
            for entry in paquete.entries():
                list(paquete.stream(entry))

    @given(st.binary(max_size=300))
    def test_junk_never_gives_another_fault(self, junk: bytes) -> None:
        with suppress(PaqueteError):
            list(opened(junk + a_zip([])).members())

    def test_a_damaged_member_is_told_and_the_others_are_read(self) -> None:
        data = bytearray(a_zip([("a.xml", b"<a/>" * 100), ("b.xml", b"<b/>")]))
        data[40] ^= 0xFF
        found = list(opened(bytes(data)).members())
        assert [type(each) for each in found] == [RefusedMember, Member]

    def test_a_wrong_checksum_is_told(self) -> None:
        data = bytearray(a_zip([("a.xml", b"<a/>")], zipfile.ZIP_STORED))
        data[data.index(b"<a/>") + 1] = ord("b")
        assert "suma de control" in fault(bytes(data))

    def test_an_encrypted_member_is_told(self) -> None:
        data = bytearray(a_zip([("a.xml", b"<a/>")]))
        data[data.rindex(b"PK\1\2") + 8] |= 1
        assert "cifrado" in fault(bytes(data))

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_another_compression_is_told(self, method: int) -> None:
        assert "compresión" in fault(a_zip([("a.xml", b"<a/>")], method))


def rewritten(data: bytes, *, offset: int, layout: str, value: int) -> bytes:
    """Change one field of the first record of the directory."""
    at = data.index(b"PK\1\2")
    changed = bytearray(data)
    struct.pack_into(layout, changed, at + offset, value)
    return bytes(changed)


class TestHostile:
    def test_a_bomb_stops_at_what_it_declares(self) -> None:
        bomb = a_zip([("a.xml", b"\0" * 50_000_000)])
        assert "demasiado grande" in fault(bomb)
        lying = rewritten(bomb, offset=24, layout="<L", value=1_000)
        assert "no mide" in fault(lying)

    def test_a_large_table_stops_at_what_it_declares(self) -> None:
        bomb = rewritten(a_zip([("a.txt", b"\0" * 5_000_000)]), offset=24, layout="<L", value=1_000)
        paquete = opened(bomb)
        (entry,) = paquete.entries()
        with pytest.raises(MemberUnreadable):
            list(paquete.stream(entry))

    def test_a_member_that_says_it_is_larger_is_told(self) -> None:
        assert "no mide" in fault(rewritten(a_zip([("a.xml", b"<a/>")]), offset=24, layout="<L", value=5))

    def test_members_that_lie_over_each_other_are_refused(self) -> None:
        data = a_zip([("a.xml", b"x" * 5_000)], zipfile.ZIP_STORED)
        at, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
        record = data[at:end]
        copies = 3
        tail = bytearray(data[end:])
        struct.pack_into("<HHL", tail, 8, copies, copies, len(record) * copies)
        with pytest.raises(NotAPaquete, match="enciman"):
            list(opened(data[:at] + record * copies + bytes(tail)).members())

    def test_too_many_members_are_refused(self) -> None:
        data = a_zip([(f"{n}.xml", b"<a/>") for n in range(6)])
        with pytest.raises(PaqueteTooLarge):
            opened(data, Limits(members=5))

    def test_a_directory_that_hides_its_count_is_refused_all_the_same(self) -> None:
        data = bytearray(a_zip([(f"{n}.xml", b"<a/>") for n in range(6)]))
        struct.pack_into("<HH", data, data.rindex(b"PK\5\6") + 8, 1, 1)
        with pytest.raises(PaqueteTooLarge):
            list(opened(bytes(data), Limits(members=5)).members())

    def test_too_many_bytes_in_all_are_refused(self) -> None:
        data = a_zip([(f"{n}.xml", b"<a/>" * 100) for n in range(6)])
        with pytest.raises(PaqueteTooLarge):
            list(opened(data, Limits(total_bytes=2_000)).members())

    def test_a_name_is_never_a_path(self, tmp_path: Path) -> None:
        path = tmp_path / "inner" / "p.zip"
        path.parent.mkdir()
        path.write_bytes(a_zip([("../escaped.xml", b"<a/>"), ("/tmp/escaped.xml", b"<a/>")]))
        with Paquete.open(path) as paquete:
            assert len(list(paquete.members())) == 2
        assert [each.name for each in tmp_path.rglob("*.xml")] == []


class TestInflate:
    def test_it_makes_exactly_what_was_asked_or_nothing(self) -> None:
        data = a_zip([("a.xml", b"<a/>" * 100)])
        member = only(data)
        assert isinstance(member, Member)
        piece = data[member.offset : member.offset + member.length]
        for size in (0, 399, 401, 10_000):
            with pytest.raises(MemberUnreadable):
                inflate(piece, method=DEFLATED, size_bytes=size)
        with pytest.raises(MemberUnreadable):
            inflate(piece[:-2], method=DEFLATED, size_bytes=400)
        with pytest.raises(MemberUnreadable):
            inflate(piece, method=STORED, size_bytes=400)
        with pytest.raises(MemberUnreadable):
            inflate(b"\xff" * 40, method=DEFLATED, size_bytes=400)


def test_streaming_a_table_gives_its_bytes(tmp_path: Path) -> None:
    table = bytes(range(256)) * 8_000
    path = tmp_path / "p.zip"
    path.write_bytes(a_zip([("t.txt", table)]))
    with Paquete.open(path) as paquete:
        (entry,) = paquete.entries()
        pieces = list(paquete.stream(entry))
    assert b"".join(pieces) == table
    assert len(pieces) > 1


def test_anything_seekable_can_be_opened(tmp_path: Path) -> None:
    file: BinaryIO = io.BytesIO(a_zip([("a.xml", b"<a/>")]))
    with Paquete(file) as paquete:
        assert len(list(paquete.members())) == 1
    assert file.closed
