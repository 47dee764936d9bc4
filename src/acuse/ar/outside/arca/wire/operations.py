"""The one table of ARBCCF's operations. Source: its manual, v0.3.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: its name, and whether a PKCS#10 goes with it."""

    name: str
    takes_request: bool = False


ALTA: Final = Operation(name="altaCriptografica", takes_request=True)
"""The first certificate of a device, once in its life. Asked again it answers ControladorFiscalExistenteFault."""
RENOVAR: Final = Operation(name="renovarCertificado")
"""Another certificate of the key given at the alta. Each call issues one more."""
BAJA: Final = Operation(name="bajaCriptografica")
"""The end, for ever. Asked again it answers ControladorFiscalDadoDeBajaFault."""

OPERATIONS: Final = (ALTA, RENOVAR, BAJA)
