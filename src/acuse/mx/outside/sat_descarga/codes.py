"""Every code of the SAT's Descarga Masiva: number, name, the SAT's words, and what the program does with it.

Source: SAT, "WS Solicitud", "WS Verificación" and "WS Descarga" v1.5 (May 2025); the words under `sent`
are those seen in real answers where they differ from the manual's.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum
from typing import Final, Self


class Step(StrEnum):
    """What a good client does next when it meets a code."""

    CONTINUE = "continue"
    REAUTHENTICATE = "reauthenticate"
    """Ask a new token once, repeat once, then stop."""
    STOP = "stop"
    """Never repeat unchanged: a person must look."""
    RETRY_LATER = "retry_later"
    """Trouble at the SAT: wait some minutes."""
    FOLLOW_EARLIER = "follow_earlier"
    """A live solicitud with these parameters exists: find it and follow it."""
    REUSE_OR_SHIFT = "reuse_or_shift"
    """The lifetime attempts are spent: use what is stored, or move a bound by one second."""
    SPLIT = "split"
    """Too many results: halve the period."""
    FINISH_EMPTY = "finish_empty"
    """Nothing in the period: that is a result, not a fault."""
    USE_STORED = "use_stored"
    """The downloads of this package are spent: only our own copy is left."""
    ASK_AGAIN = "ask_again"
    """The package is gone: a new solicitud is needed."""
    NEXT_DAY = "next_day"
    """A daily limit: come back tomorrow (Mexico City)."""
    RECORD_CANCELLED = "record_cancelled"
    """The CFDI is cancelled, its XML cannot be had: keep its metadata."""


class CodEstatus(Enum):
    """A code of `CodEstatus` and `CodigoEstadoSolicitud`, which share one table.

    A member's value is the number; `official` is the manual's text, `sent` what answers carry in `Mensaje`.
    """

    official: str
    sent: str
    step: Step

    def __new__(cls, number: int, official: str, step: Step, sent: str = "") -> Self:
        """Make the member known by its number."""
        member = object.__new__(cls)
        member._value_ = number
        member.official = official
        member.sent = sent or official
        member.step = step
        return member

    USUARIO_NO_VALIDO = 300, "Usuario No Válido", Step.REAUTHENTICATE
    XML_MAL_FORMADO = 301, "XML Mal Formado", Step.STOP
    SELLO_MAL_FORMADO = 302, "Sello Mal Formado", Step.STOP
    SELLO_NO_CORRESPONDE = 303, "Sello no corresponde con RfcSolicitante", Step.STOP
    CERTIFICADO_REVOCADO_O_CADUCO = 304, "Certificado Revocado o Caduco", Step.STOP
    CERTIFICADO_INVALIDO = 305, "Certificado Inválido", Step.STOP
    ERROR_NO_CONTROLADO = 404, "Error no controlado", Step.RETRY_LATER, "Error no controlado."
    ACEPTADA = 5000, "Solicitud recibida con éxito", Step.CONTINUE, "Solicitud Aceptada"
    TERCERO_NO_AUTORIZADO = 5001, "Tercero no autorizado", Step.STOP
    AGOTADAS_DE_POR_VIDA = 5002, "Se han agotado las solicitudes de por vida", Step.REUSE_OR_SHIFT
    TOPE_MAXIMO = 5003, "Tope máximo de elementos de la consulta", Step.SPLIT
    SIN_INFORMACION = 5004, "No se encontró la información", Step.FINISH_EMPTY, "No se encontro la informacion"
    YA_REGISTRADA = 5005, "Ya se tiene una solicitud registrada", Step.FOLLOW_EARLIER
    ERROR_INTERNO = 5006, "Error interno en el proceso", Step.RETRY_LATER
    NO_EXISTE_EL_PAQUETE = 5007, "No existe el paquete solicitado", Step.ASK_AGAIN
    MAXIMO_DE_DESCARGAS = 5008, "Máximo de descargas permitidas", Step.USE_STORED, "Maximo de descargas permitidas."
    TERMINADA_SIN_DOCUMENTAR = 5010, "(no documentado; visto en solicitudes terminadas)", Step.CONTINUE
    LIMITE_POR_FOLIO_POR_DIA = 5011, "Límite de descargas por folio por día", Step.NEXT_DAY
    XML_CANCELADO = (
        5012,
        "No se permite la descarga de xml que se encuentren cancelados",
        Step.RECORD_CANCELLED,
    )

    @property
    def number(self) -> int:
        """Answer the SAT's number."""
        number: int = self.value
        return number

    @classmethod
    def find(cls, number: int) -> CodEstatus | None:
        """Answer the member of this number, or None for a code nobody has documented."""
        return _BY_NUMBER.get(number)


_BY_NUMBER = {code.number: code for code in CodEstatus}

SIGNER_MUST_BE = {
    "SolicitaDescargaEmitidos": "RfcEmisor",
    "SolicitaDescargaRecibidos": "RfcReceptor",
    "SolicitaDescargaFolio": "RfcSolicitante",
    "VerificaSolicitudDescarga": "RfcSolicitante",
    "PeticionDescargaMasivaTercerosEntrada": "RfcSolicitante",
}
"""By operation element, the party that code 303 names in its message."""


class EstadoSolicitud(IntEnum):
    """Where a solicitud stands at the SAT. Which reason it has stands in `CodigoEstadoSolicitud`."""

    official: str

    def __new__(cls, number: int, official: str) -> Self:
        """Make the member known by its number."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.official = official
        return member

    NO_APLICA = 0, "No aplica"
    """The call itself was refused: look only at CodEstatus."""
    ACEPTADA = 1, "Aceptada"
    EN_PROCESO = 2, "En Proceso"
    TERMINADA = 3, "Terminada"
    ERROR = 4, "Error"
    RECHAZADA = 5, "Rechazada"
    VENCIDA = 6, "Vencida"

    @classmethod
    def find(cls, number: int) -> EstadoSolicitud | None:
        """Answer the member of this number, or None for a state nobody has documented."""
        return next((state for state in cls if state.value == number), None)


INVALID_SECURITY = "InvalidSecurity"
INVALID_SECURITY_TEXT = "An error occurred when verifying security for the message."
ACTION_NOT_SUPPORTED = "ActionNotSupported"
"""Local names of the faults' `faultcode`; their prefixes are bound in the fault itself."""

MAX_XML_PER_SOLICITUD = 200_000
MAX_METADATA_PER_SOLICITUD = 1_000_000
MAX_EQUAL_CFDI_SOLICITUDES = 2
MAX_DOWNLOADS_PER_PAQUETE = 2
PAQUETE_LIFE_H = 72
TOKEN_LIFE_S = 300
HISTORY_YEARS = 6
MAX_RFC_RECEPTORES = 5


class Familia(StrEnum):
    """The two services of the SAT: same messages, other hosts and other tokens."""

    CFDI = "CFDI"
    RETENCIONES = "Retenciones"


class Sentido(StrEnum):
    """Which side the signer stands on: what it issued or what it received."""

    EMITIDOS = "E"
    RECIBIDOS = "R"


class TipoSolicitud(StrEnum):
    """What a solicitud brings, in the exact case the service wants."""

    CFDI = "CFDI"
    METADATA = "Metadata"


class EstadoComprobante(StrEnum):
    """Which comprobantes by their status."""

    TODOS = "Todos"
    VIGENTE = "Vigente"
    CANCELADO = "Cancelado"


class Efecto(StrEnum):
    """The SAT's own TipoComprobante; called `efecto` here since E and R are taken by the direction."""

    INGRESO = "I"
    EGRESO = "E"
    TRASLADO = "T"
    NOMINA = "N"
    PAGO = "P"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMPLEMENTOS: Final[Mapping[Familia, frozenset[str]]] = {
    Familia.CFDI: _words(
        "acreditamientoieps10 aerolineas cartaporte10 cartaporte20 certificadodedestruccion "
        "cfdiregistrofiscal comercioexterior10 comercioexterior11 comprobante consumodecombustibles "
        "consumodecombustibles11 detallista divisas donat11 ecc11 ecc12 gastoshidrocarburos10 iedu implocal "
        "ine11 ingresoshidrocarburos leyendasfisc nomina11 nomina12 notariospublicos obrasarteantiguedades "
        "pagoenespecie pagos10 pagos20 pfic renovacionysustitucionvehiculos servicioparcialconstruccion spei "
        "terceros11 turistapasajeroextranjero valesdedespensa vehiculousado ventavehiculos11"
    ),
    Familia.RETENCIONES: _words(
        "arrendamientoenfideicomiso dividendos enajenaciondeacciones fideicomisonoempresarial intereses "
        "intereseshipotecarios operacionesconderivados pagosaextranjeros planesderetiro planesderetiro11 "
        "premios sectorfinanciero serviciosplataformastecnologicas10"
    ),
}
"""The keys of complementos the SAT filters by, of each family. The lists grow: others may exist.

Source: WS Solicitud v1.5, parameter Complemento; those of Retenciones and the newest of CFDI as
phpcfdi/sat-ws-descarga-masiva lists them.
"""
