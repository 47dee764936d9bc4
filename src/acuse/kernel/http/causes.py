"""Reads what a failed call proves: why it failed, and whether anything can have reached the service."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import httpx2


@dataclass(frozen=True)
class Cause:
    """A word for programs, a reason for people, and whether something may have been sent."""

    word: str
    reason: str
    sent: bool


TOTAL_TIMEOUT = Cause("timeout", "tardó demasiado en responder", sent=True)


def cause_of(error: httpx2.TransportError) -> Cause:
    """Answer the cause. Only ConnectError, ConnectTimeout and PoolTimeout prove that nothing was sent."""
    match error:
        case httpx2.ConnectTimeout():
            return Cause("connect_timeout", "no aceptó la conexión a tiempo", sent=False)
        case httpx2.PoolTimeout():
            return Cause("pool_timeout", "hay demasiadas conexiones en curso", sent=False)
        case httpx2.ConnectError() if _is_tls(error):
            return Cause("tls", "no se pudo comprobar su certificado", sent=False)
        case httpx2.ConnectError():
            return Cause("connect", "no se pudo establecer la conexión", sent=False)
        case httpx2.ProxyError():
            return Cause("proxy", "el proxy no dejó pasar la conexión", sent=True)
        case httpx2.TimeoutException():
            return TOTAL_TIMEOUT
        case _:
            return Cause("cut", "la conexión se cortó", sent=True)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
