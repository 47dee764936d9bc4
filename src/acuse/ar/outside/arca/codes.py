"""The words of ARCA's two services: what they answer, letter for letter, and what the program does then.

Sources: AFIP, "ARBCCF, Alta, Renovación y Baja de Certificados de Controladores Fiscales, Manual para el
desarrollador" v0.3.0 (2014-06-24); AFIP, "WSAA, Especificación técnica" v1.2.2, table of errors.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final, Self

NAMESPACE: Final = "http://dvadac.desein.afip.gov/"
WSAA_NAMESPACE: Final = "http://wsaa.view.sua.dvadac.desein.afip.gov"
ARBCCF_PATH: Final = "/controladores-fiscales-ws/CertificadosService/CertificadosBean"
WSAA_PATH: Final = "/ws/services/LoginCms"
SERVICE: Final = "arbccf"
DISCHARGED: Final = "OK"
"""The fixed answer of bajaCriptografica."""
REST_S: Final = 600
"""How long ARCA asks not to be called after ErrorInternoFault."""


class Ambiente(StrEnum):
    """Which of ARCA's two surroundings is called."""

    PRUEBAS = "pruebas"
    PRODUCCION = "produccion"

    @property
    def origin(self) -> str:
        """Answer the official address of both services."""
        return "https://wsaahomo.afip.gov.ar" if self is Ambiente.PRUEBAS else "https://wsaa.afip.gov.ar"


class Course(Enum):
    """What the program does after a fault."""

    NEW_TICKET = "Se descarta el ticket, se pide otro y se repite una vez."
    TELL_ADMIN = "No se repite: hay que corregir la configuración en ARCA. Se avisa a un administrador."
    TELL_USER = "No se repite: hay que corregir los datos."
    RENEW = "El alta ya está hecha: se renueva."
    ENROL_FIRST = "Hay que hacer antes el alta, con la solicitud que genera el equipo."
    NEVER = "Definitivo: el equipo no puede volver a tener certificado."
    REST = "No se llama durante 10 minutos; después se repite."
    WAIT = "Se espera a que termine el ticket vigente, o se usa el guardado."


class _Fault(Enum):
    """A fault by its official name, with ARCA's words and our course."""

    words: str
    course: Course

    def __new__(cls, name: str, words: str, course: Course) -> Self:
        """Make the member known by its official name."""
        member = object.__new__(cls)
        member._value_ = name
        member.words = words
        member.course = course
        return member


class ArbccfFault(_Fault):
    """The SOAP faults of ARBCCF. The manual prints one without its last letter: they are matched by prefix."""

    CREDENCIAL_INVALIDA = (
        "CredencialInvalidaFault",
        "El token o la firma no son válidos, o son de otro ambiente.",
        Course.NEW_TICKET,
    )
    CUIT_NO_AUTORIZADO = "CuitNoAutorizadoFault", "La CUIT no tiene delegado el servicio.", Course.TELL_ADMIN
    NO_HOMOLOGADO = (
        "ControladorNoHomologadoFault",
        "La marca, el modelo y la serie no son de un controlador homologado.",
        Course.TELL_USER,
    )
    EXISTENTE = "ControladorFiscalExistenteFault", "El alta del controlador ya se hizo.", Course.RENEW
    INEXISTENTE = "ControladorFiscalinexistenteFault", "El controlador no tiene alta.", Course.ENROL_FIRST
    DADO_DE_BAJA = "ControladorFiscalDadoDeBajaFault", "El controlador fue dado de baja.", Course.NEVER
    FABRICANTE_INVALIDO = "FabricanteInvalidoFault", "El fabricante no tiene la forma debida.", Course.TELL_USER
    MARCA_INVALIDA = "MarcaInvalidaFault", "La marca no tiene la forma debida.", Course.TELL_USER
    MODELO_INVALIDO = "ModeloInvalidoFaul", "El modelo no tiene la forma debida.", Course.TELL_USER
    SERIE_INVALIDA = "NumeroSerieInvalidoFault", "El número de serie no tiene la forma debida.", Course.TELL_USER
    REQUEST_INVALIDO = "RequestInvalidoFault", "La solicitud de certificado (PKCS#10) no es válida.", Course.TELL_USER
    ERROR_INTERNO = "ErrorInternoFault", "El servicio no puede atender.", Course.REST

    @classmethod
    def find(cls, *texts: str) -> ArbccfFault | None:
        """Answer the member one of these texts begins as, in any case; None for what nobody has documented."""
        told = [text.strip().casefold() for text in texts]
        return next((each for each in cls if any(text.startswith(each.value.casefold()) for text in told)), None)


class WsaaFault(_Fault):
    """The fault codes of WSAA."""

    ALREADY_AUTHENTICATED = (
        "coe.alreadyAuthenticated",
        "El CEE ya posee un TA valido para el acceso al WSN solicitado",
        Course.WAIT,
    )
    NOT_AUTHORIZED = "coe.notAuthorized", "Computador no autorizado a acceder al servicio", Course.TELL_ADMIN
    CMS_BAD = "cms.bad", "El CMS no es valido", Course.TELL_ADMIN
    CMS_BASE64 = "cms.bad.base64", "No se puede decodificar el BASE64", Course.TELL_ADMIN
    CERT_NOT_FOUND = "cms.cert.notFound", "No se ha encontrado certificado de firmador", Course.TELL_ADMIN
    SIGN_INVALID = "cms.sign.invalid", "Firma inválida o algoritmo no soportado", Course.TELL_ADMIN
    CERT_EXPIRED = "cms.cert.expired", "Certificado expirado", Course.TELL_ADMIN
    CERT_INVALID = (
        "cms.cert.invalid",
        "Certificado con fecha de generación posterior a la actual",
        Course.TELL_ADMIN,
    )
    CERT_UNTRUSTED = "cms.cert.untrusted", "Certificado no emitido por AC de confianza", Course.TELL_ADMIN
    XML_BAD = "xml.bad", "No se ha podido interpretar el XML contra el SCHEMA", Course.TELL_ADMIN
    GENERATION_TIME = (
        "xml.generationTime.invalid",
        "El tiempo de generación es posterior a la hora actual o posee más de 24 horas de antigüedad",
        Course.TELL_ADMIN,
    )
    EXPIRED = "xml.expirationTime.expired", "El tiempo de expiración es inferior a la hora actual", Course.TELL_ADMIN
    EXPIRATION_TIME = (
        "xml.expirationTime.invalid",
        "El tiempo de expiración del documento es superior a las 24 horas",
        Course.TELL_ADMIN,
    )
    SERVICE_NOT_FOUND = "wsn.notFound", "Servicio informado inexistente", Course.TELL_ADMIN
    SERVICE_UNAVAILABLE = (
        "wsn.unavailable",
        "El servicio al que se desea acceder se encuentra momentáneamente fuera de servicio",
        Course.REST,
    )
    UNAVAILABLE = (
        "wsaa.unavailable",
        "El servicio de autenticación/autorización se encuentra momentáneamente fuera de servicio",
        Course.REST,
    )
    INTERNAL_ERROR = "wsaa.internalError", "No se ha podido procesar el requerimiento", Course.REST

    @classmethod
    def find(cls, text: str) -> WsaaFault | None:
        """Answer the member of a fault code, with or without its namespace prefix."""
        name = text.strip().rpartition(":")[2].casefold()
        return next((each for each in cls if each.value.casefold() == name), None)
