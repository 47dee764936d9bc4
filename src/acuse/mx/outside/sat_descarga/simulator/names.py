"""The names on the wire: families, operations, actions and namespaces, read from the SAT's own documents.

Source: SAT, "URLs WS Descarga Masiva v1.5" and the WS Solicitud, Verificación and Descarga manuals (May 2025).
"""

from __future__ import annotations

from enum import Enum, StrEnum

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
ADDRESSING_NONE = "http://schemas.microsoft.com/ws/2005/05/addressing/none"
WCF_DISPATCHER = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
AUTENTICA_NS = "http://DescargaMasivaTerceros.gob.mx"
SERVICE_NS = "http://DescargaMasivaTerceros.sat.gob.mx"

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA1 = DSIG + "rsa-sha1"
SHA1 = DSIG + "sha1"


class Family(StrEnum):
    """The two twin services: same messages, other hosts, tokens that do not pass from one to the other."""

    CFDI = "cfdi"
    RETENCIONES = "retenciones"

    @property
    def token_issuer(self) -> str:
        """Answer the `iss` claim of this family's tokens, with the SAT's own spelling."""
        suffix = "Ret" if self is Family.RETENCIONES else ""
        return "LoadServicioDecargaMasivaTerceros" + suffix


class Operation(Enum):
    """An operation: path of its service, SOAPAction, element of the body."""

    path: str
    action: str
    element: str

    def __init__(self, path: str, action: str, element: str) -> None:
        self.path = path
        self.action = action
        self.element = element

    AUTENTICA = (
        "Autenticacion/Autenticacion.svc",
        f"{AUTENTICA_NS}/IAutenticacion/Autentica",
        f"{{{AUTENTICA_NS}}}Autentica",
    )
    EMITIDOS = (
        "SolicitaDescargaService.svc",
        f"{SERVICE_NS}/ISolicitaDescargaService/SolicitaDescargaEmitidos",
        f"{{{SERVICE_NS}}}SolicitaDescargaEmitidos",
    )
    RECIBIDOS = (
        "SolicitaDescargaService.svc",
        f"{SERVICE_NS}/ISolicitaDescargaService/SolicitaDescargaRecibidos",
        f"{{{SERVICE_NS}}}SolicitaDescargaRecibidos",
    )
    FOLIO = (
        "SolicitaDescargaService.svc",
        f"{SERVICE_NS}/ISolicitaDescargaService/SolicitaDescargaFolio",
        f"{{{SERVICE_NS}}}SolicitaDescargaFolio",
    )
    VERIFICA = (
        "VerificaSolicitudDescargaService.svc",
        f"{SERVICE_NS}/IVerificaSolicitudDescargaService/VerificaSolicitudDescarga",
        f"{{{SERVICE_NS}}}VerificaSolicitudDescarga",
    )
    DESCARGAR = (
        "DescargaMasivaService.svc",
        f"{SERVICE_NS}/IDescargaMasivaTercerosService/Descargar",
        f"{{{SERVICE_NS}}}PeticionDescargaMasivaTercerosEntrada",
    )

    @property
    def label(self) -> str:
        """Answer the short name used in the ledger and the switches, as in `emitidos`."""
        return self.name.lower()

    @property
    def local_name(self) -> str:
        """Answer the body element without its namespace; answers are named after it."""
        return self.element.rpartition("}")[2]

    @property
    def is_solicita(self) -> bool:
        """Tell whether it asks for a new solicitud."""
        return self.path == "SolicitaDescargaService.svc"


SERVICES = tuple(dict.fromkeys(operation.path for operation in Operation))


def find_operation(path: str, soap_action: str) -> Operation | None:
    """Answer the operation of this service with this SOAPAction (quoted or not), or None."""
    action = soap_action.strip().strip('"')
    return next((o for o in Operation if o.path == path and o.action == action), None)
