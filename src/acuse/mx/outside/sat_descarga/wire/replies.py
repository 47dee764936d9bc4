"""Reads the answers: pure, from bytes to values. XML is untrusted: no DTD, no entities, no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoSolicitud
from acuse.mx.outside.sat_descarga.errors import SatUnreadable
from acuse.mx.outside.sat_descarga.wire import operations
from acuse.mx.outside.sat_descarga.wire.operations import Operation


@dataclass(frozen=True)
class Estatus:
    """A code of the SAT with the words that came with it; codes nobody has documented are kept too."""

    number: int
    mensaje: str = ""

    @property
    def known(self) -> CodEstatus | None:
        """Answer the documented code, or None."""
        return CodEstatus.find(self.number)

    @property
    def is_accepted(self) -> bool:
        """Answer whether the call was taken."""
        return self.known is CodEstatus.ACEPTADA


@dataclass(frozen=True)
class TokenReply:
    """A token as received, still URL-encoded, and its window by the SAT's clock. The token is a secret."""

    value: str = field(repr=False)
    created: datetime
    expires: datetime


@dataclass(frozen=True)
class SolicitaReply:
    """What became of a request. Some refusals carry an id too, which must be followed before asking again."""

    estatus: Estatus
    id_solicitud: str | None = None


@dataclass(frozen=True)
class VerificaReply:
    """Three codes that are not the same: fate of this call, where the solicitud is, and why."""

    estatus: Estatus
    estado: int = 0
    codigo_estado: int | None = None
    numero_cfdis: int = 0
    ids_paquetes: tuple[str, ...] = ()

    @property
    def known_estado(self) -> EstadoSolicitud | None:
        """Answer the documented state, or None."""
        return EstadoSolicitud.find(self.estado)


@dataclass(frozen=True)
class Fault:
    """A SOAP fault: the local name of its code and its text."""

    code: str
    text: str


class _NothingOutside(etree.Resolver):
    """A second lock: whatever a document names, nothing is opened."""

    def resolve(self, *_: object, **__: object) -> object:
        raise SatUnreadable(problem="nombra un recurso externo")


def parse(body: bytes) -> etree._Element:
    """Read an answer of ordinary size. Raises SatUnreadable."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    parser.resolvers.add(_NothingOutside())
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SatUnreadable(problem="no es XML") from error
    information = root.getroottree().docinfo
    if information.internalDTD is not None or information.doctype:
        raise SatUnreadable(problem="trae una DTD")
    return root


def read_fault(body: bytes) -> Fault | None:
    """Answer the fault of a reply, or None when it is not one."""
    try:
        root = parse(body)
    except SatUnreadable:
        return None
    fault = root.find(f".//{{{operations.SOAP}}}Fault")
    if fault is None:
        return None
    code = (fault.findtext("faultcode") or "").strip()
    return Fault(code=code.rpartition(":")[2], text=(fault.findtext("faultstring") or "").strip())


def read_autentica(body: bytes) -> TokenReply:
    """Read the token and its window."""
    root = parse(body)
    value = (root.findtext(f".//{{{operations.AUTENTICA_NAMESPACE}}}{operations.AUTENTICA.result}") or "").strip()
    created = root.findtext(f".//{{{operations.UTILITY}}}Created")
    expires = root.findtext(f".//{{{operations.UTILITY}}}Expires")
    if not value or not created or not expires:
        raise SatUnreadable(problem="falta el token o su vigencia")
    if not value.isascii() or not value.isprintable() or '"' in value:
        raise SatUnreadable(problem="el token tiene caracteres que no van en un encabezado")
    return TokenReply(value, _instant(created), _instant(expires))


def read_solicita(body: bytes, operation: Operation) -> SolicitaReply:
    """Read the answer to a request of this operation."""
    result = _result(parse(body), operation)
    return SolicitaReply(_estatus(result), result.get("IdSolicitud") or None)


def read_verifica(body: bytes) -> VerificaReply:
    """Read where a solicitud stands and which packages it has."""
    result = _result(parse(body), operations.VERIFICA)
    packages = result.iterfind(f"{{{operations.DESCARGA_NAMESPACE}}}IdsPaquetes")
    return VerificaReply(
        estatus=_estatus(result),
        estado=_number(result, "EstadoSolicitud") or 0,
        codigo_estado=_number(result, "CodigoEstadoSolicitud"),
        numero_cfdis=_number(result, "NumeroCFDIs") or 0,
        ids_paquetes=tuple(dict.fromkeys(text for item in packages if (text := (item.text or "").strip()))),
    )


def _result(root: etree._Element, operation: Operation) -> etree._Element:
    result = root.find(f".//{{{operations.DESCARGA_NAMESPACE}}}{operation.result}")
    if result is None:
        raise SatUnreadable(problem=f"falta {operation.result}")
    return result


def _estatus(result: etree._Element) -> Estatus:
    number = _number(result, "CodEstatus")
    if number is None:
        raise SatUnreadable(problem="falta CodEstatus")
    return Estatus(number, (result.get("Mensaje") or "").strip())


def _number(result: etree._Element, name: str) -> int | None:
    text = (result.get(name) or "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise SatUnreadable(problem=f"{name} no es un número")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise SatUnreadable(problem="una fecha no se entiende") from error
    if moment.tzinfo is None:
        raise SatUnreadable(problem="una fecha no trae zona horaria")
    return moment
