"""Turns the payments of payment documents into rows in COPY's text form, beside the rows of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from acuse.mx.cfdi.copy_text import amount, block, text
from acuse.mx.cfdi.pagos import DocumentoPagado, PagoLeido

PAGOS: Final = "pagos"
DOCUMENTOS: Final = "pago_documentos"
PAGO_COLUMNS: Final = (
    "uuid", "numero", "fecha", "forma_pago", "moneda", "tipo_cambio", "monto", "monto_mxn", "iva_trasladado_mxn",
    "iva_retenido_mxn", "isr_retenido_mxn",
)  # fmt: skip
DOCUMENTO_COLUMNS: Final = (
    "uuid", "pago", "numero", "documento", "serie", "folio", "moneda", "equivalencia", "parcialidad",
    "saldo_anterior", "pagado", "insoluto",
)  # fmt: skip
SIDE_COLUMNS: Final = {PAGOS: PAGO_COLUMNS, DOCUMENTOS: DOCUMENTO_COLUMNS}
"""The tables beside `cfdi`, each with its columns. A row also says where its document's XML begins: `xml_offset`."""


class PagoRows(NamedTuple):
    """The rows of one document's payments and of what they pay, without `xml_offset`."""

    pagos: Sequence[str]
    documentos: Sequence[str]


NO_PAGOS: Final = PagoRows((), ())


def pago_rows(uuid: str, pagos: Sequence[PagoLeido]) -> PagoRows:
    """Write the payments of the document `uuid`."""
    if not pagos:
        return NO_PAGOS
    numbered = list(enumerate(pagos, 1))
    return PagoRows(
        [f"{uuid}\t{number}\t{_pago(pago)}" for number, pago in numbered],
        [
            f"{uuid}\t{number}\t{place}\t{_documento(paid)}"
            for number, pago in numbered
            for place, paid in enumerate(pago.documentos, 1)
        ],
    )


def _pago(pago: PagoLeido) -> str:
    return "\t".join((
        pago.fecha.isoformat(),
        text(pago.forma_pago),
        text(pago.moneda),
        amount(pago.tipo_cambio),
        str(pago.monto),
        str(pago.monto_mxn),
        amount(pago.iva_trasladado_mxn),
        amount(pago.iva_retenido_mxn),
        amount(pago.isr_retenido_mxn),
    ))  # fmt: skip


def _documento(paid: DocumentoPagado) -> str:
    return "\t".join((
        text(paid.uuid),
        text(paid.serie),
        text(paid.folio),
        text(paid.moneda),
        amount(paid.equivalencia),
        amount(paid.parcialidad),
        amount(paid.saldo_anterior),
        amount(paid.pagado),
        amount(paid.insoluto),
    ))  # fmt: skip


class PagoLines:
    """The rows of the payments of many documents."""

    def __init__(self) -> None:
        self._pagos: list[str] = []
        self._documentos: list[str] = []

    def add(self, rows: PagoRows, offset: int) -> None:
        """Take those of one document, whose XML begins at `offset` of the package."""
        self._pagos += [f"{offset}\t{line}" for line in rows.pagos]
        self._documentos += [f"{offset}\t{line}" for line in rows.documentos]

    def blocks(self) -> dict[str, bytes]:
        """Answer the rows by table; empty when there were no payments."""
        found = {PAGOS: block(self._pagos), DOCUMENTOS: block(self._documentos)}
        return {table: rows for table, rows in found.items() if rows}
