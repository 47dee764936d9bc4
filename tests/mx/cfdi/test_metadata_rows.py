"""Rows of metadata for COPY: what needs no reading comes out as if it had been read."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from acuse.mx.cfdi.metadata import (
    HEADER,
    TERCERO_HEADER,
    BadRow,
    Block,
    Layout,
    MetadataRow,
    open_table,
    part_block,
    read_block,
)
from acuse.mx.cfdi.metadata_rows import METADATA_COLUMNS, metadata_rows

UUID = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
GOOD = (
    UUID, "AAA010101AAA", "UNO", "H&E951128469", "DOS Ñ", "SPR190613I52", "2025-03-14 10:22:05", "2025-03-14 10:22:41",
    "11600.00", "I", "1", "",
)  # fmt: skip
ODD = (
    (UUID, UUID.lower(), f" {UUID}", "", "nada"),
    ("AAA010101AAA", "aaa010101aaa", "ZUÑ920208KL4 ", "", "XAXX010101000"),
    (
        "UNO", "", " UNO", "UNO\u00a0", "a\\b", "\\N", "\\.", 'de "C"', "uno~dos", "x" * 300, "x" * 301, "a\tb",
        "a\x00b", "é\u200b",
    ),
    ("H&E951128469", "H&E951128469\u3000", ""),
    ("DOS Ñ", "", "a\nb", "\x7f"),
    ("SPR190613I52", "", "spr190613i52"),
    ("2025-03-14 10:22:05", "2024-02-29 00:00:00", "2025-02-29 00:00:00", "2025-04-31 00:00:00", "2025-03-14T10:22:05"),
    ("2025-12-31 23:59:59", "2025-12-31 24:00:00", "2025-13-01 00:00:00", "٢٠٢٥-03-14 10:22:41", ""),
    ("11600.00", "0", "-1", "1e5", "1,0", "", "1234567890123456789", "0.000000000001", "٣"),
    ("I", "E", "P", "N", "T", "Ingreso", "R", "X", ""),
    ("1", "0", "Vigente", "2", ""),
    ("", "2025-03-15 00:00:00", "nunca"),
)  # fmt: skip

line = st.tuples(*(st.sampled_from((good, good, good, *odd)) for good, odd in zip(GOOD, ODD, strict=True))).map(
    "~".join
)


def blocks_of(data: bytes) -> tuple[Layout, list[Block]]:
    layout, *blocks = open_table([data])
    assert isinstance(layout, Layout)
    return layout, [each for each in blocks if isinstance(each, Block)]


def copied(block: bytes) -> list[dict[str, str]]:
    """Read a COPY block back, as PostgreSQL would."""
    return [
        dict(zip(METADATA_COLUMNS, (field.replace(r"\\", "\\") for field in each.split("\t")), strict=True))
        for each in block.decode().split("\n")
        if each
    ]


def told(row: MetadataRow) -> tuple[object, ...]:
    return (
        row.uuid, row.emisor_rfc, row.emisor_nombre[:300], row.receptor_rfc, row.receptor_nombre[:300], row.rfc_pac,
        row.fecha, row.fecha_timbrado, row.total, row.efecto, row.cancelado, row.fecha_cancelacion,
    )  # fmt: skip


def as_told(row: dict[str, str]) -> tuple[object, ...]:
    end = row["fecha_cancelacion"]
    return (
        row["uuid"].upper(), row["emisor_rfc"], row["emisor_nombre"], row["receptor_rfc"], row["receptor_nombre"],
        row["rfc_pac"], datetime.fromisoformat(row["fecha"]), datetime.fromisoformat(row["fecha_timbrado"]),
        Decimal(row["total"]), row["efecto"], row["estatus"] == "0", datetime.fromisoformat(end) if end else None,
    )  # fmt: skip


class TestRows:
    @settings(max_examples=300)
    @given(st.lists(line, min_size=1, max_size=6))
    @example(["~".join(GOOD)])
    def test_every_row_comes_out_as_it_would_be_read(self, lines: list[str]) -> None:
        layout, blocks = blocks_of("\r\n".join([HEADER, *lines, ""]).encode())
        read = [row for each in blocks for row in read_block(layout, each)]
        rows = [rows for each in blocks for rows in metadata_rows(layout, each)]
        found = [as_told(row) for each in rows for row in copied(each.block)]
        assert Counter(found) == Counter(told(row) for row in read if isinstance(row, MetadataRow))
        assert sum(each.count for each in rows) == len(found)
        refused = [(f"renglón {row.line}", f"{row.problem}: {row.text}") for row in read if isinstance(row, BadRow)]
        assert [(fault.name, fault.text) for each in rows for fault in each.refused] == refused

    def test_what_the_sat_publishes_needs_no_reading(self) -> None:
        cancelled = "~".join((*GOOD[:-2], "0", "2025-03-15 00:00:00"))
        layout, (block,) = blocks_of("\r\n".join([HEADER, "~".join(GOOD), cancelled, "corto~"]).encode())
        plain, others = part_block(layout, block)
        assert plain == ["~".join(GOOD), cancelled]
        assert others == [(4, "corto~")]

    def test_where_the_family_tells_the_effect_every_row_is_read(self) -> None:
        layout, (block,) = blocks_of("\r\n".join([HEADER, "~".join(GOOD)]).encode())
        assert [row["efecto"] for row in copied(metadata_rows(layout, block, "R")[0].block)] == ["R"]

    def test_the_second_table_gives_on_whose_account(self) -> None:
        layout, (block,) = blocks_of(f"{TERCERO_HEADER}\r\n{UUID}~EKU9003173C9~A\\B\r\n".encode())
        assert metadata_rows(layout, block)[0].block == f"{UUID}\tEKU9003173C9\tA\\\\B\n".encode()
