"""The one table of the service: version, operations, SOAP actions, elements and official hosts.

Source: SAT, "URLs WS Descarga Masiva V1.5" and the three manuals of v1.5 (May 2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from acuse.mx.outside.sat_descarga.codes import Familia, Sentido

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
X509_TOKEN = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"  # noqa: S105 - a type
BASE64_ENCODING = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
AUTENTICA_NAMESPACE = "http://DescargaMasivaTerceros.gob.mx"
DESCARGA_NAMESPACE = "http://DescargaMasivaTerceros.sat.gob.mx"


class Host(StrEnum):
    """Each family answers from two hosts."""

    SOLICITUD = "solicitud"
    DESCARGA = "descarga"


@dataclass(frozen=True)
class Operation:
    """One thing the service does: where it is asked, under which action, by which element."""

    name: str
    host: Host
    path: str
    action: str
    element: str
    result: str


def _solicita(name: str) -> Operation:
    return Operation(
        name=name,
        host=Host.SOLICITUD,
        path="/SolicitaDescargaService.svc",
        action=f"{DESCARGA_NAMESPACE}/ISolicitaDescargaService/{name}",
        element=name,
        result=f"{name}Result",
    )


AUTENTICA = Operation(
    name="Autentica",
    host=Host.SOLICITUD,
    path="/Autenticacion/Autenticacion.svc",
    action=f"{AUTENTICA_NAMESPACE}/IAutenticacion/Autentica",
    element="Autentica",
    result="AutenticaResult",
)
SOLICITA_EMITIDOS = _solicita("SolicitaDescargaEmitidos")
SOLICITA_RECIBIDOS = _solicita("SolicitaDescargaRecibidos")
SOLICITA_FOLIO = _solicita("SolicitaDescargaFolio")
VERIFICA = Operation(
    name="VerificaSolicitudDescarga",
    host=Host.SOLICITUD,
    path="/VerificaSolicitudDescargaService.svc",
    action=f"{DESCARGA_NAMESPACE}/IVerificaSolicitudDescargaService/VerificaSolicitudDescarga",
    element="VerificaSolicitudDescarga",
    result="VerificaSolicitudDescargaResult",
)
DESCARGAR = Operation(
    name="Descargar",
    host=Host.DESCARGA,
    path="/DescargaMasivaService.svc",
    action=f"{DESCARGA_NAMESPACE}/IDescargaMasivaTercerosService/Descargar",
    element="PeticionDescargaMasivaTercerosEntrada",
    result="RespuestaDescargaMasivaTercerosSalida",
)

OPERATIONS = (AUTENTICA, SOLICITA_EMITIDOS, SOLICITA_RECIBIDOS, SOLICITA_FOLIO, VERIFICA, DESCARGAR)

SOLICITA_BY_SENTIDO: Mapping[Sentido, Operation] = {
    Sentido.EMITIDOS: SOLICITA_EMITIDOS,
    Sentido.RECIBIDOS: SOLICITA_RECIBIDOS,
}

OFFICIAL_HOSTS: Mapping[tuple[Familia, Host], str] = {
    (Familia.CFDI, Host.SOLICITUD): "https://cfdidescargamasivasolicitud.clouda.sat.gob.mx",
    (Familia.CFDI, Host.DESCARGA): "https://cfdidescargamasiva.clouda.sat.gob.mx",
    (Familia.RETENCIONES, Host.SOLICITUD): "https://retendescargamasivasolicitud.clouda.sat.gob.mx",
    (Familia.RETENCIONES, Host.DESCARGA): "https://retendescargamasiva.clouda.sat.gob.mx",
}
