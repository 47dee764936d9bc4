"""Which error a SOAP fault becomes."""

from __future__ import annotations

from typing import Any, Final

from acuse.ar.outside.arca.codes import REST_S, ArbccfFault, Course, WsaaFault
from acuse.ar.outside.arca.errors import (
    ArcaBadIdentity,
    ArcaBadRequest,
    ArcaCredentialRefused,
    ArcaCuitNotAuthorized,
    ArcaDischarged,
    ArcaEnrolled,
    ArcaNotEnrolled,
    ArcaNotHomologated,
    ArcaRefused,
    ArcaTicketHeld,
    ArcaTicketRefused,
    ArcaTrouble,
)
from acuse.ar.outside.arca.wire.soap import Fault
from acuse.kernel.errors import Outside

_BY_FAULT: Final = {
    ArbccfFault.CREDENCIAL_INVALIDA: ArcaTicketRefused,
    ArbccfFault.CUIT_NO_AUTORIZADO: ArcaCuitNotAuthorized,
    ArbccfFault.NO_HOMOLOGADO: ArcaNotHomologated,
    ArbccfFault.EXISTENTE: ArcaEnrolled,
    ArbccfFault.INEXISTENTE: ArcaNotEnrolled,
    ArbccfFault.DADO_DE_BAJA: ArcaDischarged,
    ArbccfFault.FABRICANTE_INVALIDO: ArcaBadIdentity,
    ArbccfFault.MARCA_INVALIDA: ArcaBadIdentity,
    ArbccfFault.MODELO_INVALIDO: ArcaBadIdentity,
    ArbccfFault.SERIE_INVALIDA: ArcaBadIdentity,
    ArbccfFault.REQUEST_INVALIDO: ArcaBadRequest,
}
"""Every fault but ErrorInternoFault, which only says: not now."""


def login_refusal(fault: Fault) -> Outside:
    """Answer the error of a fault of WSAA."""
    told: dict[str, Any] = {"fault": fault.code, "arca_message": fault.text}
    known = WsaaFault.find(fault.code)
    if known is None:
        return ArcaRefused(**told)
    if known.course is Course.WAIT:
        return ArcaTicketHeld(**told)
    return ArcaTrouble(retry_after_s=REST_S, **told) if known.course is Course.REST else ArcaCredentialRefused(**told)


def refusal(fault: Fault, controlador: str) -> Outside:
    """Answer the error of a fault of ARBCCF about this device."""
    known = ArbccfFault.find(*fault.names)
    told: dict[str, Any] = {
        "fault": known.value if known else fault.code,
        "arca_message": (fault.text or (known.words if known else "")).rstrip("."),
        "controlador": controlador,
    }
    if known is None:
        return ArcaRefused(**told)
    if known.course is Course.REST:
        return ArcaTrouble(retry_after_s=REST_S, **told)
    return _BY_FAULT[known](**told)
