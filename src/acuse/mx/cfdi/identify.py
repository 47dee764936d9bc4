"""Tells what documents and metadata from anywhere are, and which are a taxpayer's. Runs in the process pool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from acuse.mx.cfdi.documents import read_document
from acuse.mx.cfdi.errors import CfdiError
from acuse.mx.cfdi.metadata import BadRow, Block, Layout, MetadataRow, TerceroRow, read_block


class Identified(NamedTuple):
    """A document that could be read, and whether the taxpayer is a party of it."""

    uuid: str
    fecha: datetime
    ours: bool


class Unfit(NamedTuple):
    """Why a document or row cannot be taken."""

    name: str
    code: str
    text: str


class OwnRows(NamedTuple):
    """The rows of a block of metadata that are the taxpayer's, written anew one a line.

    `newest` is the last moment they speak of: the SAT told them then or later. `first` is the first document's date.
    """

    data: bytes
    uuids: Sequence[str]
    foreign: int
    unfit: Sequence[Unfit]
    newest: datetime | None
    first: datetime | None


def identify(documents: Sequence[bytes], rfc: str) -> list[Identified | Unfit]:
    """Answer of each document what it is, in the same order."""
    return [_identified(content, rfc) for content in documents]


def own_rows(layout: Layout, block: Block, rfc: str) -> OwnRows:
    """Answer the taxpayer's rows of a block. Rows of the second table name no party and are all kept."""
    lines: list[str] = []
    uuids: list[str] = []
    unfit: list[Unfit] = []
    foreign = 0
    newest: datetime | None = None
    first: datetime | None = None
    for row in read_block(layout, block):
        if isinstance(row, BadRow):
            unfit.append(Unfit(f"renglón {row.line}", "METADATA_ROW_INVALID", f"{row.problem}: {row.text}"))
        elif isinstance(row, TerceroRow):
            lines.append(f"{row.uuid}~{row.rfc}~{row.nombre}")
        elif rfc not in {row.emisor_rfc, row.receptor_rfc}:
            foreign += 1
        else:
            lines.append(_line(row))
            uuids.append(row.uuid)
            told = max(row.fecha_timbrado, row.fecha, row.fecha_cancelacion or row.fecha)
            newest = told if newest is None else max(newest, told)
            first = row.fecha if first is None else min(first, row.fecha)
    return OwnRows("".join(f"{line}\r\n" for line in lines).encode(), uuids, foreign, unfit, newest, first)


def _identified(content: bytes, rfc: str) -> Identified | Unfit:
    try:
        header = read_document(content)
    except CfdiError as fault:
        return Unfit("", fault.code, fault.text)
    return Identified(header.uuid, header.fecha, rfc in {header.emisor_rfc, header.receptor_rfc})


def _line(row: MetadataRow) -> str:
    """Write a row as the SAT does."""
    cancelled = "" if row.fecha_cancelacion is None else str(row.fecha_cancelacion)
    return "~".join(
        (
            row.uuid,
            row.emisor_rfc,
            row.emisor_nombre,
            row.receptor_rfc,
            row.receptor_nombre,
            row.rfc_pac,
            str(row.fecha),
            str(row.fecha_timbrado),
            f"{row.total:f}",
            row.efecto,
            "0" if row.cancelado else "1",
            cancelled,
        )
    )
