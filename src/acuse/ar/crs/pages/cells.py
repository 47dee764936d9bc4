"""What the rows of downloads hold: dates, states, and where each is to be found."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from acuse.ar.crs.model import Descarga, EstadoDescarga
from acuse.webkit import draw
from acuse.webkit.blocks import Column

HOME: Final = "/app/crs"
TO_BILL: Final = (
    Column("Elegir"),
    Column("Fecha", kind="date"),
    Column("Usuario", kind="main"),
    Column("Controlador", kind="id"),
    Column("Estado"),
)
"""The columns of everybody's downloads."""
_cells_to_bill: Final = draw.row(TO_BILL)
_BOX: Final = Markup(
    '<label class="choice"><input type="checkbox" name="ids" value="%s">'
    '<span class="visually-hidden">Elegir la de %s</span></label>'
)
OWN: Final = (
    Column("Fecha", kind="date"),
    Column("Controlador", kind="id"),
    Column("Certificado", kind="main"),
    Column("Estado"),
    Column("Archivo", kind="actions"),
)
"""The columns of one's own downloads."""
_cells_of_own: Final = draw.row(OWN)


def to_bill(row: Descarga) -> Markup:
    """Draw the cells of anybody's download, with the box that chooses it."""
    return _cells_to_bill(
        _BOX % (row.id, row.controlador_id),
        draw.when(row.fecha),
        draw.link(row.usuario_nombre, _address(row)),
        row.controlador_id,
        billing(row.estado),
    )


def own(row: Descarga) -> Markup:
    """Draw the cells of one's own download, with the way to its file."""
    address = _address(row)
    return _cells_of_own(
        draw.when(row.fecha),
        row.controlador_id,
        draw.link(row.certificado_nombre, address),
        billing(row.estado),
        draw.link_button("Bajar", f"{address}/archivo", kind="quiet", icon="download", download=True),
    )


def billing(estado: EstadoDescarga) -> Markup:
    """Draw whether a download was billed."""
    return draw.pill("done" if estado is EstadoDescarga.FACTURADO else "attention", estado.value)


def _address(row: Descarga) -> str:
    return f"{HOME}/descargas/{row.id}"
