"""What is known of one invented document without its XML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Direction = Literal["E", "R"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusEntry:
    """What the SAT's metadata tells of a document, and where it comes from.

    Dates are local, without a zone. `position` is (month, place in the order of making). `efecto` is R for a document
    of Retenciones, which has none.
    """

    uuid: str
    direction: Direction
    fecha: datetime
    fecha_timbrado: datetime
    emisor_rfc: str
    emisor_nombre: str
    receptor_rfc: str
    receptor_nombre: str
    rfc_pac: str
    total: Decimal
    moneda: str
    efecto: str
    cancelado: bool
    fecha_cancelacion: datetime | None
    metodo_pago: str | None
    complementos: tuple[str, ...]
    tercero_rfc: str | None
    tercero_nombre: str | None
    position: tuple[int, int]

    def metadata_line(self) -> str:
        """Write the line the SAT's metadata has for it, without the line end."""
        cancelled = "" if self.fecha_cancelacion is None else f"{self.fecha_cancelacion:%Y-%m-%d %H:%M:%S}"
        return "~".join((
            self.uuid,
            self.emisor_rfc,
            self.emisor_nombre,
            self.receptor_rfc,
            self.receptor_nombre,
            self.rfc_pac,
            f"{self.fecha:%Y-%m-%d %H:%M:%S}",
            f"{self.fecha_timbrado:%Y-%m-%d %H:%M:%S}",
            f"{self.total:f}",
            self.efecto,
            "0" if self.cancelado else "1",
            cancelled,
        ))  # fmt: skip
