"""The words of the SAT's Consulta CFDI service: what it answers, letter for letter, and their names here.

Source: SAT, "Servicio de consulta de CFDI" (November 2023) and the answers of the public service.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final, Self

ACTION: Final = "http://tempuri.org/IConsultaCFDIService/Consulta"
OFFICIAL_URL: Final = "https://consultaqr.facturaelectronica.sat.gob.mx/ConsultaCFDIService.svc"
VERIFICATION_PAGE: Final = "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx"
HOURS_UNTIL_FOUND: Final = 72
"""A CFDI just stamped may be told as not found for this long."""


class CodigoEstatus(Enum):
    """Fate of the call: a letter, a number when it failed, and the SAT's words."""

    official: str

    def __new__(cls, key: str, official: str) -> Self:
        """Make the member known by its short key."""
        member = object.__new__(cls)
        member._value_ = key
        member.official = official
        return member

    OBTENIDO = "S", "S - Comprobante obtenido satisfactoriamente."
    EXPRESION_INVALIDA = "601", "N - 601: La expresión impresa proporcionada no es válida."
    NO_ENCONTRADO = "602", "N - 602: Comprobante no encontrado."

    @classmethod
    def find(cls, text: str) -> CodigoEstatus | None:
        """Answer the member these words begin as, or None for words nobody has documented."""
        words = text.strip()
        if words.startswith("S"):
            return cls.OBTENIDO
        return next((each for each in (cls.EXPRESION_INVALIDA, cls.NO_ENCONTRADO) if each.value in words), None)


class Estado(StrEnum):
    """The state of the CFDI."""

    VIGENTE = "Vigente"
    CANCELADO = "Cancelado"
    NO_ENCONTRADO = "No Encontrado"


class EsCancelable(StrEnum):
    """Whether the issuer could cancel it, and whether the receiver must agree."""

    NO = "No cancelable"
    SIN_ACEPTACION = "Cancelable sin aceptación"
    CON_ACEPTACION = "Cancelable con aceptación"


class EstatusCancelacion(StrEnum):
    """How a cancellation goes."""

    EN_PROCESO = "En proceso"
    PLAZO_VENCIDO = "Plazo vencido"
    SOLICITUD_RECHAZADA = "Solicitud rechazada"
    CANCELADO_SIN_ACEPTACION = "Cancelado sin aceptación"
    CANCELADO_CON_ACEPTACION = "Cancelado con aceptación"


EFOS_NOT_LISTED: Final = frozenset({"200", "201"})
"""ValidacionEFOS: the issuer (and the third party) are not in the list of article 69-B. Other values say they are."""
