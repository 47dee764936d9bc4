"""Where the pages of taxpayers are."""

from __future__ import annotations

from acuse.mx.rfc import Rfc

HOME = "/app/contribuyentes"


def address(rfc: str | Rfc) -> str:
    """Answer where the page of a taxpayer is; the RFC may hold `&` and `Ñ`."""
    return f"{HOME}/{Rfc.parse(str(rfc)).path_segment}"
