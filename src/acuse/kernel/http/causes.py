"""Reads what a failed call proves: why it failed, and whether anything can have reached the service."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final

import httpx2


@dataclass(frozen=True)
class Cause:
    """A word for programs, a reason for people, and whether something may have been sent."""

    word: str
    reason: str
    sent: bool


TOTAL_TIMEOUT: Final = Cause("timeout", "tardó demasiado en responder", sent=True)
_TLS: Final = Cause("tls", "no se pudo comprobar su certificado", sent=False)
_CUT: Final = Cause("cut", "la conexión se cortó", sent=True)
_CAUSES: Final = (
    (httpx2.ConnectTimeout, Cause("connect_timeout", "no aceptó la conexión a tiempo", sent=False)),
    (httpx2.PoolTimeout, Cause("pool_timeout", "hay demasiadas conexiones en curso", sent=False)),
    (httpx2.ConnectError, Cause("connect", "no se pudo establecer la conexión", sent=False)),
    (httpx2.ProxyError, Cause("proxy", "el proxy no dejó pasar la conexión", sent=True)),
    (httpx2.TimeoutException, TOTAL_TIMEOUT),
)


def cause_of(error: httpx2.TransportError) -> Cause:
    """Answer the cause. Only ConnectError, ConnectTimeout and PoolTimeout prove that nothing was sent."""
    if isinstance(error, httpx2.ConnectError) and _is_tls(error):
        return _TLS
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), _CUT)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
