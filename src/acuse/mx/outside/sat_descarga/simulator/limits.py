"""Every number and habit of the simulated SAT, so that a test can make it small and a demo quick."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the SAT allows and how long it takes. The defaults are the SAT's, except for its slowness.

    Sources: SAT, WS Solicitud, Verificación and Descarga v1.5 (May 2025); what no document says is marked "unknown".
    """

    token_life_s: float = 300
    """Some reports say 600."""
    clock_skew_s: float = 300
    max_xml: int = 200_000
    max_metadata: int = 1_000_000
    xml_per_package: int = 5_000
    """Unknown; the SAT splits large solicitudes."""
    metadata_per_package: int = 250_000
    """Unknown."""
    package_life_h: float = 72
    downloads_per_package: int = 2
    equal_cfdi_requests: int = 2
    """Solicitudes of type CFDI with the same key, ever; Metadata is free."""
    folios_per_day: int = 0
    """Solicitudes of one folio in a day of Mexico City before code 5011; 0 is no limit. Unknown."""
    max_rfc_receptores: int = 5
    history_years: int = 6
    accepted_s: float = 1.0
    """How long a solicitud stays in state 1. The real one takes minutes to days."""
    working_s: float = 2.0
    """How long it then stays in state 2."""
    full_key: bool = False
    """Compare every parameter for 5002 and 5005, not only type, dates, RfcEmisor and RfcReceptor."""
    finished_blocks_equal: bool = False
    """Count a finished solicitud as live for 5005 until its packages expire. Unknown."""
    empty_at_request: bool = False
    """Answer 5004 at once when nothing is found, rather than at verification. Both have been seen."""
    recibidos_need_estado: bool = True
    """Refuse Recibidos of type CFDI without EstadoComprobante, as practice has it; the manual says Vigente is meant."""
    over_limit_cod_estatus: int = 5000
    """CodEstatus that comes with 5003: 5000 or 5003. Unknown."""
    over_limit_estado: int = 5
    """EstadoSolicitud that comes with 5003: 5, 4 or even 1. Unknown."""
    gzip: str = "asked"
    """`asked` (when the caller accepts it), `always` or `never`."""
    strict: bool = False
    """Take only the manual's plain form of signature: exclusive C14N, Reference URI empty, default prefix."""

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            kind = type(one.default)
            fits = (
                isinstance(value, (int, float)) and not isinstance(value, bool)
                if kind is float
                else type(value) is kind
            )
            if not fits or (kind in {int, float} and value < 0):
                raise ValueError(f"{one.name} debe ser {kind.__name__}, y no menor que cero")
        if self.gzip not in {"asked", "always", "never"}:
            raise ValueError("gzip debe ser asked, always o never")

    def as_dict(self) -> dict[str, Any]:
        """Answer all of them by name, as /control shows them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}
