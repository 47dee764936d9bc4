"""Turns the payments of payment documents into rows in COPY's text form, beside the rows of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from acuse.mx.cfdi.copy_text import amount, block, text
from acuse.mx.cfdi.pagos import PagoLeido

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


class PagoLines:
    """The rows of some documents' payments."""

    def __init__(self) -> None:
        self._pagos: list[str] = []
        self._documentos: list[str] = []

    def add(self, uuid: str, pagos: Sequence[PagoLeido], offset: int) -> None:
        """Write the payments of the document `uuid`, whose XML begins at `offset` of the package."""
        where = str(offset)
        for number, pago in enumerate(pagos, 1):
            self._pagos.append(
                "\t".join((
                    where,
                    uuid,
                    str(number),
                    pago.fecha.isoformat(),
                    text(pago.forma_pago),
                    text(pago.moneda),
                    amount(pago.tipo_cambio),
                    str(pago.monto),
                    str(pago.monto_mxn),
                    amount(pago.iva_trasladado_mxn),
                    amount(pago.iva_retenido_mxn),
                    amount(pago.isr_retenido_mxn),
                ))
            )  # fmt: skip
            for place, paid in enumerate(pago.documentos, 1):
                self._documentos.append(
                    "\t".join((
                        where,
                        uuid,
                        str(number),
                        str(place),
                        text(paid.uuid),
                        text(paid.serie),
                        text(paid.folio),
                        text(paid.moneda),
                        amount(paid.equivalencia),
                        amount(paid.parcialidad),
                        amount(paid.saldo_anterior),
                        amount(paid.pagado),
                        amount(paid.insoluto),
                    ))
                )  # fmt: skip

    def blocks(self) -> dict[str, bytes]:
        """Answer the rows by table; empty when there were no payments."""
        found = {PAGOS: block(self._pagos), DOCUMENTOS: block(self._documentos)}
        return {table: rows for table, rows in found.items() if rows}
