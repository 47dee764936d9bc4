"""Builds the printed expression and the request, reads the reply: pure functions.

Source of the expression: SAT, Anexo 20, section "Código de barras bidimensional" of each version.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from lxml import etree

from acuse.mx.outside.sat_consulta.codes import (
    EFOS_NOT_LISTED,
    VERIFICATION_PAGE,
    CodigoEstatus,
    Estado,
    EstatusCancelacion,
)
from acuse.mx.outside.sat_consulta.errors import ConsultaUnreadable

E = TypeVar("E", Estado, EstatusCancelacion)
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_TEMPURI: Final = "http://tempuri.org/"
_RESULT: Final = "http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio"
_OLD_TOTAL_CHARS: Final = 17
_SEAL_CHARS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The CFDI asked about. `version` may be unknown, and `sello_final` is sent when it is known (3.3 and later)."""

    uuid: UUID
    emisor: str
    receptor: str
    total: Decimal
    version: str | None = None
    sello_final: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the SAT said, in its own words, and what we know of them: words nobody has documented are kept too."""

    codigo_estatus: str
    estado: str
    es_cancelable: str
    estatus_cancelacion: str
    validacion_efos: str

    @property
    def code(self) -> CodigoEstatus | None:
        """Answer the documented fate of the call, or None."""
        return CodigoEstatus.find(self.codigo_estatus)

    @property
    def known_estado(self) -> Estado | None:
        """Answer the documented state, or None."""
        return _find(Estado, self.estado)

    @property
    def known_cancelacion(self) -> EstatusCancelacion | None:
        """Answer the documented state of a cancellation, or None."""
        return _find(EstatusCancelacion, self.estatus_cancelacion)

    @property
    def is_listed(self) -> bool:
        """Answer whether the SAT says that the issuer, or the third party, is in the list of article 69-B."""
        return bool(self.validacion_efos) and self.validacion_efos not in EFOS_NOT_LISTED


def expression(asked: Asked) -> str:
    """Write the printed expression of a CFDI, with `&` in an RFC as `&amp;`."""
    re, rr = (rfc.replace("&", "&amp;") for rfc in (asked.emisor, asked.receptor))
    uuid = str(asked.uuid).upper()
    if asked.version in {"3.2", "3.0"}:
        return f"?re={re}&rr={rr}&tt={padded_total(asked.total)}&id={uuid}"
    parts = [f"{VERIFICATION_PAGE}?id={uuid}", f"re={re}", f"rr={rr}", f"tt={trimmed_total(asked.total)}"]
    if asked.sello_final:
        parts.append(f"fe={asked.sello_final[-_SEAL_CHARS:]}")
    return "&".join(parts)


def trimmed_total(total: Decimal) -> str:
    """Write a total as 3.3 and 4.0 do: up to six decimals, zeros trimmed at the end, at least one decimal kept."""
    whole, _, decimals = f"{total:.6f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def padded_total(total: Decimal) -> str:
    """Write a total as 3.2 does: six decimals, zeros in front up to seventeen characters."""
    return f"{total:.6f}".zfill(_OLD_TOTAL_CHARS)


def request(asked: Asked) -> bytes:
    """Write the SOAP request: UTF-8, the expression as CDATA."""
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP})
    body = etree.SubElement(envelope, f"{{{_SOAP}}}Body")
    consulta = etree.SubElement(body, f"{{{_TEMPURI}}}Consulta", nsmap={None: _TEMPURI})  # type: ignore[dict-item]
    printed = etree.SubElement(consulta, f"{{{_TEMPURI}}}expresionImpresa")
    printed.text = etree.CDATA(expression(asked))
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def read_answer(body: bytes) -> Answer:
    """Read the reply. XML is untrusted: no DTD, no entities, no network. Raises ConsultaUnreadable."""
    result = _parse(body).find(f".//{{{_TEMPURI}}}ConsultaResult")
    if result is None:
        raise ConsultaUnreadable(problem="falta ConsultaResult")

    def told(name: str) -> str:
        return unicodedata.normalize("NFC", " ".join((result.findtext(f"{{{_RESULT}}}{name}") or "").split()))

    answer = Answer(
        codigo_estatus=told("CodigoEstatus"),
        estado=told("Estado"),
        es_cancelable=told("EsCancelable"),
        estatus_cancelacion=told("EstatusCancelacion"),
        validacion_efos=told("ValidacionEFOS"),
    )
    if not answer.codigo_estatus:
        raise ConsultaUnreadable(problem="falta CodigoEstatus")
    return answer


def read_fault(body: bytes) -> str | None:
    """Answer the text of a SOAP fault, or None when it is not one."""
    try:
        fault = _parse(body).find(f".//{{{_SOAP}}}Fault")
    except ConsultaUnreadable:
        return None
    return None if fault is None else (fault.findtext("faultstring") or "").strip()


def _parse(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConsultaUnreadable(problem="no es XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ConsultaUnreadable(problem="trae una DTD")
    return root


def _find(words: type[E], text: str) -> E | None:
    return next((each for each in words if each.value.casefold() == text.casefold()), None)
