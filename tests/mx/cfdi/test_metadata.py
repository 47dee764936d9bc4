"""Metadata tables: all their quirks, no row lost in silence."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuse.mx.cfdi.errors import MetadataUnknown
from acuse.mx.cfdi.metadata import (
    HEADER,
    TERCERO_HEADER,
    BadRow,
    Block,
    Layout,
    MetadataRow,
    TerceroRow,
    open_table,
    read_block,
    read_metadata,
)

UUID = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
LEFT = f"{UUID}~AAA010101AAA"
RIGHT = "SPR190613I52~2025-03-14 10:22:05~2025-03-14 10:22:41~11600.00~I~1~"


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment as documents state it: without a zone."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)


def table(*lines: str, end: str = "\r\n", header: str = HEADER) -> bytes:
    return (end.join([header, *lines]) + end).encode()


def row(nombre_emisor: str = "UNO", nombre_receptor: str = "DOS", right: str = RIGHT) -> str:
    return f"{LEFT}~{nombre_emisor}~BBB010101BBB~{nombre_receptor}~{right}"


def one(*lines: str, **options: str) -> MetadataRow:
    (found,) = read_metadata([table(*lines, **options)])
    assert isinstance(found, MetadataRow), found
    return found


class TestRows:
    def test_a_row_gives_its_values(self) -> None:
        assert one(row()) == MetadataRow(
            UUID,
            "AAA010101AAA",
            "UNO",
            "BBB010101BBB",
            "DOS",
            "SPR190613I52",
            local(2025, 3, 14, 10, 22, 5),
            local(2025, 3, 14, 10, 22, 41),
            Decimal("11600.00"),
            "I",
            False,
            None,
        )

    def test_a_cancelled_row_says_when(self) -> None:
        found = one(row(right=RIGHT.replace("~1~", "~0~2025-03-15 00:00:01")))
        assert (found.cancelado, found.fecha_cancelacion) == (True, local(2025, 3, 15, 0, 0, 1))

    def test_words_for_codes_are_read_too(self) -> None:
        found = one(row(right=RIGHT.replace("~I~1~", "~Nómina~Cancelado~")))
        assert (found.efecto, found.cancelado) == ("N", True)

    def test_a_uuid_in_lower_case_is_the_same(self) -> None:
        assert one(row().replace(UUID, UUID.lower())).uuid == UUID

    def test_quotes_are_letters(self) -> None:
        assert one(row('LA "ÑAPA', 'D""S"')).emisor_nombre == 'LA "ÑAPA'

    @pytest.mark.parametrize("end", ["\r\n", "\n"])
    def test_both_line_ends_are_read(self, end: str) -> None:
        assert len(list(read_metadata([table(row(), row(), end=end)]))) == 2

    def test_a_lone_line_feed_inside_a_name_is_taken_out(self) -> None:
        assert one(row("UNO\n DOS")).emisor_nombre == "UNO DOS"

    def test_control_characters_are_taken_out(self) -> None:
        assert one(row("UN\x00O\x1f\tX")).emisor_nombre == "UNOX"

    def test_a_byte_order_mark_is_no_fault(self) -> None:
        assert len(list(read_metadata([b"\xef\xbb\xbf" + table(row())]))) == 1

    def test_a_table_in_latin_1_is_read(self) -> None:
        (found,) = read_metadata([table(row("ÑANDÚ")).decode().encode("latin-1")])
        assert isinstance(found, MetadataRow)
        assert found.emisor_nombre == "ÑANDÚ"

    def test_blank_lines_say_nothing(self) -> None:
        assert len(list(read_metadata([table("", row(), "  ", "")]))) == 1

    def test_the_last_line_needs_no_end(self) -> None:
        assert len(list(read_metadata([table(row()).rstrip()]))) == 1

    def test_a_header_alone_is_an_empty_table(self) -> None:
        assert list(read_metadata([HEADER.encode()])) == []

    def test_a_row_without_its_last_empty_column_is_read(self) -> None:
        assert one(row().removesuffix("~")).fecha_cancelacion is None


class TestTildes:
    @pytest.mark.parametrize(
        ("emisor", "receptor"), [("A~B", "C"), ("A", "B~C"), ("A~B~C", "D~E"), ("~", "~~"), ("A~", "~B"), ("", "X~")]
    )
    def test_a_tilde_inside_a_name_is_kept(self, emisor: str, receptor: str) -> None:
        found = one(row(emisor, receptor))
        assert (found.emisor_nombre, found.receptor_nombre) == (emisor, receptor)
        assert (found.receptor_rfc, found.rfc_pac, found.total) == ("BBB010101BBB", "SPR190613I52", Decimal("11600.00"))

    def test_a_row_that_can_be_cut_in_two_ways_is_told(self) -> None:
        (found,) = read_metadata([table(row("A~CCC010101CCC~B"))])
        assert isinstance(found, BadRow)


class TestBadRows:
    @pytest.mark.parametrize(
        "line",
        [
            "one~two",
            row().replace(UUID, ""),
            row().replace(UUID, "5C2B6A0E"),
            row(right=RIGHT.replace("11600.00", "1,160")),
            row(right=RIGHT.replace("~I~", "~X~")),
            row(right=RIGHT.replace("~1~", "~2~")),
            row(right=RIGHT.replace("2025-03-14 10:22:05", "14/03/2025")),
            row(right=RIGHT.replace("2025-03-14 10:22:05", "2025-02-30 10:22:05")),
            row(right=RIGHT.replace("2025-03-14 10:22:05", "2025-03-14T10:22+00")),
            row() + "~more~and~more",
        ],
    )
    def test_it_is_told_with_its_line_and_the_next_is_read(self, line: str) -> None:
        bad, good = read_metadata([table(line, row())])
        assert isinstance(bad, BadRow)
        assert (bad.line, bad.text) == (2, line[:200])
        assert isinstance(good, MetadataRow)


class TestSecondTable:
    def test_it_tells_on_whose_account(self) -> None:
        found = list(read_metadata([table(f"{UUID.lower()}~COÑ850101AB1~EL ~ ÑANDÚ", header=TERCERO_HEADER)]))
        assert found == [TerceroRow(UUID, "COÑ850101AB1", "EL ~ ÑANDÚ")]

    def test_a_row_that_cannot_be_read_is_told(self) -> None:
        (found,) = read_metadata([table("x~y", header=TERCERO_HEADER)])
        assert isinstance(found, BadRow)


@pytest.mark.parametrize("start", [b"", b"hello", b"Uuid,RfcEmisor\r\n", b"\0" * 3_000_000])
def test_another_table_is_refused(start: bytes) -> None:
    with pytest.raises(MetadataUnknown):
        list(read_metadata([start]))


NAMES = st.text(st.sampled_from("ABC Ñ&\"'áé~.,-\u00a0𝔸"), max_size=25).map(str.strip)
MOMENTS = st.datetimes(local(2014, 1, 1), local(2030, 1, 1)).map(lambda m: m.replace(microsecond=0))
ROWS = st.builds(
    MetadataRow,
    uuid=st.uuids().map(lambda u: str(u).upper()),
    emisor_rfc=st.from_regex(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}", fullmatch=True),
    emisor_nombre=NAMES,
    receptor_rfc=st.from_regex(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}", fullmatch=True),
    receptor_nombre=NAMES,
    rfc_pac=st.just("SPR190613I52"),
    fecha=MOMENTS,
    fecha_timbrado=MOMENTS,
    total=st.decimals(0, 10**12, places=2),
    efecto=st.sampled_from("IETNP"),
    cancelado=st.booleans(),
    fecha_cancelacion=st.none() | MOMENTS,
)


def written(found: MetadataRow) -> str:
    values = [
        value.isoformat(" ") if isinstance(value, datetime) else "" if value is None else str(value) for value in found
    ]
    values[10] = "0" if found.cancelado else "1"
    return "~".join(values)


@settings(deadline=None)
@given(st.lists(ROWS, max_size=8), st.integers(1, 400), st.sampled_from(["\r\n", "\n"]))
def test_what_is_written_is_read_however_it_is_cut(rows: list[MetadataRow], cut: int, end: str) -> None:
    data = table(*map(written, rows), end=end)
    pieces = [data[at : at + cut] for at in range(0, len(data), cut)]
    assert list(read_metadata(pieces)) == rows


@given(st.binary(max_size=300))
def test_junk_lines_are_told_or_read_never_a_crash(junk: bytes) -> None:
    found = list(read_metadata([table(), junk, b"\r\n", row().encode()]))
    assert isinstance(found[-1], MetadataRow | BadRow)


def test_a_table_larger_than_a_block_keeps_its_line_numbers() -> None:
    lines = [row() for _ in range(20_000)]
    lines[19_990] = "bad"
    found = list(read_metadata([table(*lines)[at : at + 70_000] for at in range(0, 3_500_000, 70_000)]))
    assert len(found) == 20_000
    (bad,) = [each for each in found if isinstance(each, BadRow)]
    assert bad.line == 19_992


class TestRetenciones:
    """Their columns are not published: read by name, in whatever order, whatever is missing."""

    ROW = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"

    def test_columns_are_found_by_name(self) -> None:
        header = "Uuid~FechaExp~FechaCertificacionSat~RfcE~RfcR~NomDenRazSocR~CveRetenc~MontoTotOperacion~Estatus"
        line = f"{self.ROW}~2025-03-14 10:00:00~2025-03-14 10:05:00~EKU9003173C9~~ACME INC~14~10000.00~0"
        (row,) = read_metadata_as(f"{header}\r\n{line}\r\n".encode(), "R")
        assert isinstance(row, MetadataRow)
        assert (row.uuid, row.emisor_rfc, row.receptor_nombre) == (self.ROW, "EKU9003173C9", "ACME INC")
        assert (row.efecto, str(row.total), row.cancelado, row.rfc_pac) == ("R", "10000.00", True, "")

    def test_the_family_tells_the_effect_where_the_row_does_not(self) -> None:
        line = f"{self.ROW}~EKU9003173C9~A~XAXX010101000~B~SPR190613I52~2025-03-14 10:00:00~2025-03-14 10:05:00~1~~1~"
        (row,) = read_metadata_as(f"{HEADER}\r\n{line}\r\n".encode(), "R")
        assert isinstance(row, MetadataRow)
        assert row.efecto == "R"
        (bad,) = read_metadata_as(f"{HEADER}\r\n{line}\r\n".encode(), "")
        assert isinstance(bad, BadRow)

    def test_a_row_of_another_width_is_told(self) -> None:
        header = "Uuid~RfcEmisor~RfcReceptor~FechaEmision~FechaCertificacionSat"
        (row,) = read_metadata_as(f"{header}\r\n{self.ROW}~A~B\r\n".encode(), "R")
        assert isinstance(row, BadRow)
        assert row.problem == "tiene 3 columnas"

    def test_a_table_without_the_columns_needed_is_none_of_ours(self) -> None:
        with pytest.raises(MetadataUnknown):
            read_metadata_as(b"Uuid~Algo~Otro\r\n", "R")


def read_metadata_as(data: bytes, efecto: str) -> list[MetadataRow | TerceroRow | BadRow]:
    """Read a table whose every row is of one effect."""
    layout, *blocks = open_table([data])
    assert isinstance(layout, Layout)
    return [row for each in blocks if isinstance(each, Block) for row in read_block(layout, each, efecto)]
