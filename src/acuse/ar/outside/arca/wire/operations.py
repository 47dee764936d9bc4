"""The one table of ARBCCF's operations. Source: its manual, v0.3.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: its name, and what it takes and gives.

    `proves_itself`: asked a second time after an unknown outcome it says whether the first was carried out, and does
    nothing more. The others do their work again.
    """

    name: str
    takes_request: bool = False
    issues: bool = False
    proves_itself: bool = False


ALTA: Final = Operation(name="altaCriptografica", takes_request=True, issues=True, proves_itself=True)
"""The first certificate of a device, once in its life. Asked again it answers ControladorFiscalExistenteFault."""
RENOVAR: Final = Operation(name="renovarCertificado", issues=True)
"""Another certificate of the key given at the alta. Each call issues one more."""
BAJA: Final = Operation(name="bajaCriptografica", proves_itself=True)
"""The end, for ever. Asked again it answers ControladorFiscalDadoDeBajaFault."""

OPERATIONS: Final = (ALTA, RENOVAR, BAJA)
