"""What the cells of CFDIs hold: dates, states, amounts and where each is to be found."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Final

from markupsafe import Markup

from acuse.mx.archivo.model import Direction, Efecto, EstadoCfdi, StoredCfdi
from acuse.mx.rfc import Rfc
from acuse.webkit import draw
from acuse.webkit.blocks import Column

HOME: Final = "/app/cfdi"
COLUMNS: Final = (
    Column("Fecha", kind="date"),
    Column("Contraparte", kind="main"),
    Column("Tipo"),
    Column("Estado"),
    Column("Total", kind="money"),
    Column("Folio fiscal", kind="id"),
)
"""The columns of a list of CFDIs."""
_cells: Final = draw.row(COLUMNS)


def line(row: StoredCfdi) -> Markup:
    """Draw the cells of one CFDI in such a list."""
    folio_fiscal = row.folio_fiscal
    return _cells(
        moment(row.fecha),
        draw.link(row.contraparte_nombre or row.contraparte_rfc, other_address(row, folio_fiscal)),
        kind(row),
        estado(row.estado),
        total(row),
        draw.mono(folio_fiscal, short=True),
    )


def moment(value: datetime | None) -> Markup | str:
    """Draw a document's own date: local to its place of issue, never moved to another zone."""
    return "—" if value is None else draw.local_time(value)


def kind(row: StoredCfdi) -> str:
    """Answer what a document is to its taxpayer, in one phrase."""
    return _kind(row.efecto, row.direction)


@cache
def _kind(efecto: Efecto, direction: Direction) -> str:
    side = direction.label.lower()
    ending = {Efecto.NOMINA: f"{side[:-1]}a", Efecto.RETENCION: f"{side[:-1]}as"}.get(efecto, side)
    return f"{efecto.label}\N{NO-BREAK SPACE}{ending}"


def estado(value: EstadoCfdi | None) -> Markup:
    """Draw whether the SAT counts it as in force."""
    if value is None:
        return draw.pill("neutral", "Sin dato")
    return draw.pill("done" if value is EstadoCfdi.VIGENTE else "failed", value.capitalize())


def total(row: StoredCfdi) -> Markup:
    """Draw the money of a document: a payment's is what was paid."""
    if row.efecto is Efecto.PAGO and row.pagado_mxn is not None:
        return draw.money(row.pagado_mxn, "MXN")
    return draw.money(row.total, row.moneda or "MXN")


def address(row: StoredCfdi) -> str:
    """Answer where the page of a CFDI is."""
    return other_address(row, row.folio_fiscal)


def other_address(row: StoredCfdi, uuid: str) -> str:
    """Answer where the page of another document of the same taxpayer is."""
    return f"{HOME}/{_segment(row.rfc)}/{uuid.upper()}"


@lru_cache(1024)
def _segment(rfc: str) -> str:
    """Answer an RFC as part of an address: it may hold `&` and `Ñ`."""
    return Rfc.parse(rfc).path_segment
