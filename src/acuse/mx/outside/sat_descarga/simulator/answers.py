"""Writes what goes back, byte for byte in the shape of recorded answers: no XML declaration, attributes in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from acuse.mx.outside.sat_descarga.codes import ACTION_NOT_SUPPORTED, INVALID_SECURITY, INVALID_SECURITY_TEXT
from acuse.mx.outside.sat_descarga.simulator.faults import SoapFault
from acuse.mx.outside.sat_descarga.simulator.names import (
    ADDRESSING_NONE,
    AUTENTICA_NS,
    SERVICE_NS,
    SOAP,
    WCF_DISPATCHER,
    WSSE,
    WSU,
    XSD,
    XSI,
    Operation,
)
from acuse.mx.outside.sat_descarga.simulator.solicitudes import Standing

_SOAP_LIFE = timedelta(minutes=5)
_INTERNAL_TEXT = (
    "The server was unable to process the request due to an internal error.  For more information about the error, "
    "either turn on IncludeExceptionDetailInFaults (either from ServiceBehaviorAttribute or from the "
    "<serviceDebug> configuration behavior) on the server in order to send the exception information back to the "
    "client, or turn on tracing as per the Microsoft .NET Framework SDK documentation and inspect the server "
    "trace logs."
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer before it is sent: XML around, in Descargar's case, the bytes of a package put in as base64.

    `code`, `rfc` and `id` are what the ledger notes.
    """

    head: bytes
    package: bytes = b""
    tail: bytes = b""
    status: int = 200
    code: str = ""
    rfc: str = ""
    id: str = ""


def token_answer(token: str, now: datetime, rfc: str) -> Answer:
    """Answer Autentica: the token, and a Timestamp of five minutes."""
    text = (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:u="{WSU}"><s:Header>'
        f'<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}"><u:Timestamp u:Id="_0">'
        f"<u:Created>{_milliseconds(now)}</u:Created><u:Expires>{_milliseconds(now + _SOAP_LIFE)}</u:Expires>"
        f'</u:Timestamp></o:Security></s:Header><s:Body><AutenticaResponse xmlns="{AUTENTICA_NS}">'
        f"<AutenticaResult>{escape(token)}</AutenticaResult></AutenticaResponse></s:Body></s:Envelope>"
    )
    return Answer(head=text.encode(), code="5000", rfc=rfc)


def solicita_answer(operation: Operation, attributes: Mapping[str, str], *, rfc: str = "") -> Answer:
    """Answer a Solicita call with these attributes of its Result, in their order."""
    name = operation.local_name
    return Answer(
        head=_result(f"{name}Response", f"{name}Result", attributes, ""),
        code=attributes["CodEstatus"],
        rfc=rfc,
        id=attributes.get("IdSolicitud", ""),
    )


def standing_answer(standing: Standing, message: str, *, rfc: str, identifier: str) -> Answer:
    """Answer Verifica with where the solicitud stands."""
    attributes = {
        "CodEstatus": str(standing.cod_estatus),
        "EstadoSolicitud": str(int(standing.estado)),
        "CodigoEstadoSolicitud": str(standing.codigo),
        "NumeroCFDIs": str(standing.numero),
        "Mensaje": message,
    }
    packages = "".join(f"<IdsPaquetes>{escape(one)}</IdsPaquetes>" for one in standing.packages)
    return _verifica(attributes, packages, rfc=rfc, identifier=identifier)


def refusal(operation: Operation, code: int, message: str, *, rfc: str = "", identifier: str = "") -> Answer:
    """Answer any working call with a refusal, in its own shape."""
    attributes = {"CodEstatus": str(code), "Mensaje": message}
    if operation is Operation.DESCARGAR:
        return package_answer(b"", code, message, rfc=rfc, identifier=identifier)
    if operation is Operation.VERIFICA:
        attributes = {"CodEstatus": str(code), "EstadoSolicitud": "0", "NumeroCFDIs": "0", "Mensaje": message}
        return _verifica(attributes, "", rfc=rfc, identifier=identifier)
    if identifier:
        attributes = {"IdSolicitud": identifier, **attributes}
    return solicita_answer(operation, attributes, rfc=rfc)


def package_answer(package: bytes, code: int, message: str, *, rfc: str, identifier: str) -> Answer:
    """Answer Descargar: the code in the header, the package (or nothing) in the body."""
    paquete = ("<Paquete>", "</Paquete>") if package else ("<Paquete/>", "")
    head = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header><h:respuesta CodEstatus="{code}" Mensaje={quoteattr(message)} '
        f'xmlns:h="{SERVICE_NS}" xmlns="{SERVICE_NS}" xmlns:xsd="{XSD}" xmlns:xsi="{XSI}"/></s:Header>'
        f'<s:Body xmlns:xsi="{XSI}" xmlns:xsd="{XSD}"><RespuestaDescargaMasivaTercerosSalida xmlns="{SERVICE_NS}">'
        f"{paquete[0]}"
    )
    tail = f"{paquete[1]}</RespuestaDescargaMasivaTercerosSalida></s:Body></s:Envelope>"
    return Answer(head=head.encode(), package=package, tail=tail.encode(), code=str(code), rfc=rfc, id=identifier)


def soap_fault(kind: SoapFault, action: str = "") -> Answer:
    """Answer HTTP 500 with one of the faults the real service is known for."""
    mismatch = (
        f"The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter mismatch at "
        "the EndpointDispatcher. This may be because of either a contract mismatch (mismatched Actions between sender "
        "and receiver) or a binding/security mismatch between the sender and the receiver.  Check that sender and "
        "receiver have the same contract and the same binding (including security requirements, e.g. Message, "
        "Transport, None)."
    )
    namespace, name, text = {
        SoapFault.INVALID_SECURITY: (WSSE, INVALID_SECURITY, INVALID_SECURITY_TEXT),
        SoapFault.ACTION_NOT_SUPPORTED: (ADDRESSING_NONE, ACTION_NOT_SUPPORTED, mismatch),
        SoapFault.INTERNAL: (WCF_DISPATCHER, "InternalServiceFault", _INTERNAL_TEXT),
    }[kind]
    body = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode xmlns:a="{namespace}">a:{name}</faultcode>'
        f'<faultstring xml:lang="en-US">{escape(text)}</faultstring></s:Fault></s:Body></s:Envelope>'
    )
    return Answer(head=body.encode(), status=500, code=name)


def _verifica(attributes: Mapping[str, str], inside: str, *, rfc: str, identifier: str) -> Answer:
    name = Operation.VERIFICA.local_name
    head = _result(f"{name}Response", f"{name}Result", attributes, inside)
    return Answer(head=head, code=attributes["CodEstatus"], rfc=rfc, id=identifier)


def _result(outer: str, inner: str, attributes: Mapping[str, str], inside: str) -> bytes:
    listed = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    result = f"<{inner} {listed}>{inside}</{inner}>" if inside else f"<{inner} {listed}/>"
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body xmlns:xsi="{XSI}" xmlns:xsd="{XSD}">'
        f'<{outer} xmlns="{SERVICE_NS}">{result}</{outer}></s:Body></s:Envelope>'
    ).encode()


def _milliseconds(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"
