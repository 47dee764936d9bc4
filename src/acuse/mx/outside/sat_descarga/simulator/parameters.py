"""Checks what a call asks for (code 301) and turns it into a query.

Source: SAT, WS Solicitud v1.5 §5 (May 2025); the sentences of `Mensaje` as real answers carry them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from acuse.mx.outside.sat_descarga.simulator.limits import Limits
from acuse.mx.outside.sat_descarga.simulator.names import Operation
from acuse.mx.outside.sat_descarga.simulator.refusals import ValueOutsideEnumeration, malformed
from acuse.mx.outside.sat_descarga.simulator.soap import Call

_RFC = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_TIPOS = {"CFDI", "Metadata"}
_TIPOS_OF_THE_WSDL = {"PDF", "PDFCOCEMA", "TXTUUIDMASIVA"}
_ESTADOS = {"Todos", "Vigente", "Cancelado"}
_EFECTOS = {"I", "E", "T", "N", "P"}


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a solicitud asks for. `folio` alone, or a period of issue dates (Mexico City, both ends included)."""

    operation: Operation
    owner: str
    tipo: str
    start: datetime | None = None
    end: datetime | None = None
    emisor: str = ""
    receptores: tuple[str, ...] = ()
    estado: str = "Vigente"
    efecto: str = ""
    complemento: str = ""
    tercero: str = ""
    folio: str = ""

    def key(self, *, full: bool) -> tuple[object, ...]:
        """Answer what makes two solicitudes equal for codes 5002 and 5005: as the manual names it, or in full."""
        named: tuple[object, ...] = (self.tipo, self.start, self.end, self.emisor, self.receptores, self.folio)
        return (*named, self.operation, self.estado, self.efecto, self.complemento, self.tercero) if full else named


def read_query(operation: Operation, call: Call, signer: str, limits: Limits, today: datetime) -> Query:
    """Answer the query of a Solicita call; `today` is Mexico City's wall clock.

    `signer` stands in for the RFC a Folio call may leave out. Raises CallRefused or ValueOutsideEnumeration.
    """
    values = call.values
    check_rfcs(call)
    if operation is Operation.FOLIO:
        owner = values.get("RfcSolicitante", signer)
        return Query(operation=operation, owner=owner, tipo="CFDI", folio=_folio(values.get("Folio", "")))
    recibidos = operation is Operation.RECIBIDOS
    tipo = _one_of(values.get("TipoSolicitud", ""), _TIPOS, _TIPOS_OF_THE_WSDL, "TipoSolicitud")
    query = Query(
        operation=operation,
        owner=_required(values, "RfcReceptor" if recibidos else "RfcEmisor"),
        tipo=tipo,
        start=_instant(values, "FechaInicial", "Fecha inicial invalida"),
        end=_instant(values, "FechaFinal", "Fecha final invalida"),
        emisor=values.get("RfcEmisor", ""),
        receptores=(values["RfcReceptor"],) if recibidos else tuple(sorted(set(call.receptores))),
        estado=_one_of(values.get("EstadoComprobante", "Vigente"), _ESTADOS, set(), "EstadoComprobante"),
        efecto=_one_of(values.get("TipoComprobante", ""), {*_EFECTOS, ""}, set(), "TipoComprobante"),
        complemento=values.get("Complemento", ""),
        tercero=values.get("RfcACuentaTerceros", ""),
    )
    _check_period(query, limits, today)
    if len(call.receptores) > limits.max_rfc_receptores:
        raise malformed(f"Sólo se permiten {limits.max_rfc_receptores} RfcReceptor.")
    said = "EstadoComprobante" in values or not limits.recibidos_need_estado
    if recibidos and tipo == "CFDI" and (query.estado != "Vigente" or not said):
        raise malformed("No se permite la descarga de xml que se encuentren cancelados.")
    return query


def check_rfcs(call: Call) -> None:
    """Refuse a call that holds an RFC of no valid form. Raises CallRefused."""
    named = [(name, value) for name, value in call.values.items() if name.startswith("Rfc")]
    for name, value in [*named, *(("RfcReceptor", value) for value in call.receptores)]:
        if not _RFC.fullmatch(value):
            raise malformed(f"{name} no válido.")


def _check_period(query: Query, limits: Limits, today: datetime) -> None:
    if query.start is None or query.end is None:
        return
    if query.start >= query.end:
        raise malformed("La fecha inicial es mayor o igual a la fecha final.")
    if query.end > today:
        raise malformed("Fecha final invalida")
    if query.start < _years_before(today, limits.history_years):
        raise malformed("Fecha inicial invalida")


def _years_before(today: datetime, years: int) -> datetime:
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return midnight.replace(year=today.year - years)
    except ValueError:
        return midnight.replace(year=today.year - years, day=28)


def _required(values: dict[str, str], name: str) -> str:
    if name not in values:
        raise malformed(f"{name} es requerido.")
    return values[name]


def _instant(values: dict[str, str], name: str, tail: str) -> datetime:
    text = _required(values, name)
    try:
        return datetime.fromisoformat(text if _INSTANT.fullmatch(text) else "")
    except ValueError as error:
        raise malformed(tail) from error


def _one_of(value: str, usable: set[str], known: set[str], name: str) -> str:
    if value in usable:
        return value
    if value in known or not value:
        raise malformed(f"{name} no válido.")
    raise ValueOutsideEnumeration(name=name)


def _folio(text: str) -> str:
    try:
        return str(UUID(text)).upper()
    except ValueError as error:
        raise malformed("Folio no válido.") from error
