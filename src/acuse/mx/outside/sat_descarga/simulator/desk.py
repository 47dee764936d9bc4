"""Answers a call, checking in the SAT's own order.

SOAPAction, token (300), XML and parameters (301), certificate (305, 304), signature (302, 303), business codes.
"""

from __future__ import annotations

from lxml import etree

from acuse.mx.outside.sat_descarga.codes import SIGNER_MUST_BE, CodEstatus
from acuse.mx.outside.sat_descarga.simulator.answers import (
    Answer,
    refusal,
    soap_fault,
    solicita_answer,
    standing_answer,
    token_answer,
)
from acuse.mx.outside.sat_descarga.simulator.certificates import Signer, fault_of, read_signer
from acuse.mx.outside.sat_descarga.simulator.counter import hand_out
from acuse.mx.outside.sat_descarga.simulator.faults import SoapFault
from acuse.mx.outside.sat_descarga.simulator.names import Family, Operation
from acuse.mx.outside.sat_descarga.simulator.parameters import Query, check_rfcs, read_query
from acuse.mx.outside.sat_descarga.simulator.refusals import (
    CallRefused,
    ValueOutsideEnumeration,
    malformed,
    refused,
)
from acuse.mx.outside.sat_descarga.simulator.register import register
from acuse.mx.outside.sat_descarga.simulator.signatures import call_holds, security_holds
from acuse.mx.outside.sat_descarga.simulator.soap import (
    Call,
    has_autentica,
    read_call,
    read_envelope,
    read_security,
)
from acuse.mx.outside.sat_descarga.simulator.solicitudes import Standing
from acuse.mx.outside.sat_descarga.simulator.state import SatState


async def answer_call(state: SatState, family: Family, operation: Operation, authorization: str, body: bytes) -> Answer:
    """Answer one call whose SOAPAction is already known to be this operation's."""
    root = read_envelope(body)
    if operation is Operation.AUTENTICA:
        return _authenticate(state, family, root)
    holder = state.tokens.holder(authorization, family, state.now(), state.limits.token_life_s)
    if holder is None:
        return _refuse(operation, CodEstatus.USUARIO_NO_VALIDO)
    try:
        return await _work(state, family, operation, holder, root)
    except ValueOutsideEnumeration:
        return soap_fault(SoapFault.INTERNAL)
    except CallRefused as no:
        return refusal(operation, no.number, no.words)


def _authenticate(state: SatState, family: Family, root: etree._Element | None) -> Answer:
    if root is None or not has_autentica(root):
        return soap_fault(SoapFault.ACTION_NOT_SUPPORTED, Operation.AUTENTICA.action)
    security = read_security(root)
    signer = None if security is None else read_signer(security.certificate)
    if security is None or signer is None:
        return soap_fault(SoapFault.INVALID_SECURITY)
    now, skew = state.now(), state.limits.clock_skew_s
    fresh = security.created < security.expires and (security.created - now).total_seconds() <= skew
    if not fresh or security.expires <= now or not security_holds(security, signer.key, strict=state.limits.strict):
        return soap_fault(SoapFault.INVALID_SECURITY)
    return token_answer(state.tokens.issue(family, signer.number, now), now, signer.rfc)


async def _work(
    state: SatState, family: Family, operation: Operation, holder: str, root: etree._Element | None
) -> Answer:
    if root is None:
        raise malformed()
    call = read_call(root, operation)
    signer = read_signer(call.certificate)
    query = _read(state, operation, call, signer.rfc if signer else "")
    signer = _check_proof(state, operation, call, signer, query.owner)
    if signer.number != holder:
        raise refused(CodEstatus.USUARIO_NO_VALIDO)
    if operation.is_solicita:
        return await _take_in(state, family, query)
    identifier = call.values["IdPaquete" if operation is Operation.DESCARGAR else "IdSolicitud"]
    if operation is Operation.DESCARGAR:
        return await hand_out(state, family, query.owner, identifier)
    return _verify(state, family, query.owner, identifier)


def _read(state: SatState, operation: Operation, call: Call, signer: str) -> Query:
    """Answer the query; of a verification or download only its owner matters."""
    if operation.is_solicita:
        return read_query(operation, call, signer, state.limits, state.today())
    for name in ("RfcSolicitante", "IdPaquete" if operation is Operation.DESCARGAR else "IdSolicitud"):
        if name not in call.values:
            raise malformed(f"{name} es requerido.")
    check_rfcs(call)
    return Query(operation=operation, owner=call.values["RfcSolicitante"], tipo="")


def _check_proof(state: SatState, operation: Operation, call: Call, signer: Signer | None, owner: str) -> Signer:
    """Answer the signer when certificate and signature are good and it is the party asked for. Raises CallRefused."""
    if signer is None:
        raise refused(CodEstatus.CERTIFICADO_INVALIDO)
    fault = fault_of(signer, state.ca, state.revoked, state.now())
    if fault is not None:
        raise refused(fault)
    if not call_holds(call, signer.key, strict=state.limits.strict):
        raise refused(CodEstatus.SELLO_MAL_FORMADO)
    if {signer.rfc} != {owner, call.values.get("RfcSolicitante", signer.rfc)}:
        party = SIGNER_MUST_BE[operation.local_name]
        raise refused(CodEstatus.SELLO_NO_CORRESPONDE, f"Sello no corresponde con {party}")
    return signer


async def _take_in(state: SatState, family: Family, query: Query) -> Answer:
    code, solicitud = await register(state, family, query)
    attributes = {
        "IdSolicitud": solicitud.id,
        "RfcSolicitante": query.owner,
        "CodEstatus": str(code.number),
        "Mensaje": code.sent,
    }
    return solicita_answer(query.operation, attributes, rfc=query.owner)


def _verify(state: SatState, family: Family, rfc: str, identifier: str) -> Answer:
    solicitud = state.solicitud(family, rfc, identifier)
    if solicitud is None:
        code = CodEstatus.SIN_INFORMACION
        return refusal(Operation.VERIFICA, code.number, code.sent, rfc=rfc, identifier=identifier)
    standing = solicitud.standing(state.now())
    return standing_answer(standing, _message(standing), rfc=rfc, identifier=solicitud.id)


def _message(standing: Standing) -> str:
    code = CodEstatus.find(standing.cod_estatus)
    return code.sent if code else ""


def _refuse(operation: Operation, code: CodEstatus) -> Answer:
    return refusal(operation, code.number, code.sent)
