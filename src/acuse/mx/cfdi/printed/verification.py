"""Writes what the QR code of a printed document says: the address where the SAT verifies it.

Every value is percent-encoded, so that `Ñ` and `&` in an RFC are read back exactly.
Source: Anexo 20, section on the printed representation (CFDI 4.0 and 3.3, 3.2; retenciones 2.0 and 1.0).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from urllib.parse import quote

_CFDI: Final = "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx"
_RETENCIONES: Final = "https://prodretencionverificacion.clouda.sat.gob.mx/"
_PLAIN: Final = "/="  # as they stand in the end of a sello
_SEAL_TAIL: Final = 8
_OLD_TOTAL_CHARS: Final = 17
_FOREIGN_ID_CHARS: Final = 20


def of_cfdi(uuid: str, emisor: str, receptor: str, total: Decimal, sello: str) -> str:
    """Answer the address for a CFDI 4.0 or 3.3."""
    return _address(_CFDI, id=uuid, re=emisor, rr=receptor, tt=_total(total), fe=sello[-_SEAL_TAIL:])


def of_cfdi32(uuid: str, emisor: str, receptor: str, total: Decimal) -> str:
    """Answer the expression of a CFDI 3.2, which had no address."""
    return _address("", re=emisor, rr=receptor, tt=_old_total(total), id=uuid)


def of_retencion(uuid: str, emisor: str, receptor: tuple[str, str], total: Decimal, sello: str) -> str:
    """Answer the address for a certificate of withholding 2.0; `receptor` is RFC and foreign id, one of them empty."""
    name, value = _receptor(receptor)
    return _address(_RETENCIONES, id=uuid, re=emisor, **{name: value}, tt=_total(total), fe=sello[-_SEAL_TAIL:])


def of_retencion10(uuid: str, emisor: str, receptor: tuple[str, str], total: Decimal) -> str:
    """Answer the expression of a certificate of withholding 1.0."""
    name, value = _receptor(receptor)
    return _address("", re=emisor, **{name: value}, tt=_old_total(total), id=uuid)


def _receptor(receptor: tuple[str, str]) -> tuple[str, str]:
    rfc, foreign = receptor
    return ("rr", rfc) if rfc else ("nr", foreign[:_FOREIGN_ID_CHARS].rjust(_FOREIGN_ID_CHARS, "0"))


def _total(total: Decimal) -> str:
    """Write at most six decimals, without the zeros behind, but one decimal always."""
    whole, _, decimals = f"{total:.6f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def _old_total(total: Decimal) -> str:
    return f"{total:.6f}".rjust(_OLD_TOTAL_CHARS, "0")


def _address(where: str, **values: str) -> str:
    return f"{where}?{'&'.join(f'{name}={quote(value, safe=_PLAIN)}' for name, value in values.items())}"
