"""A solicitud at the simulated SAT: where it stands at a moment, and its packages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoSolicitud
from acuse.mx.outside.sat_descarga.simulator.documents import Document
from acuse.mx.outside.sat_descarga.simulator.limits import Limits
from acuse.mx.outside.sat_descarga.simulator.names import Family
from acuse.mx.outside.sat_descarga.simulator.parameters import Query

_OK = CodEstatus.ACEPTADA.number


@dataclass(frozen=True)
class Standing:
    """What a verification answers."""

    cod_estatus: int
    estado: int
    codigo: int
    numero: int = 0
    packages: tuple[str, ...] = ()


@dataclass
class Package:
    """A package: its documents, how often it was handed out, and its bytes while they are kept.

    `made_at` (Mexico City) and `quirks` are those of its first making: made again, it is the same.
    """

    id: str
    solicitud: Solicitud
    documents: Sequence[Document]
    downloads: int = 0
    content: bytes | None = None
    made_at: datetime | None = None
    quirks: frozenset[StrEnum] = frozenset()
    building: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Solicitud:
    """A solicitud, moved by the clock alone: accepted, working, then its end.

    `ends_as` is the end decided at acceptance; a `held` one never leaves state 1 until released.
    """

    id: str
    family: Family
    query: Query
    accepted_at: datetime
    working_at: datetime
    finished_at: datetime
    expires_at: datetime
    ends_as: Standing
    held: bool = False
    packages: list[Package] = field(default_factory=list)

    def standing(self, now: datetime) -> Standing:
        """Answer what the SAT says of it now."""
        if self.held or now < self.working_at:
            return Standing(_OK, EstadoSolicitud.ACEPTADA, _OK)
        if now < self.finished_at:
            return Standing(_OK, EstadoSolicitud.EN_PROCESO, _OK)
        if self.ends_as.estado == EstadoSolicitud.TERMINADA and now >= self.expires_at:
            return Standing(_OK, EstadoSolicitud.VENCIDA, _OK)
        return self.ends_as

    def is_live(self, now: datetime, *, finished_too: bool) -> bool:
        """Tell whether it stands in the way of an equal one (5005)."""
        live = {EstadoSolicitud.ACEPTADA, EstadoSolicitud.EN_PROCESO}
        return self.standing(now).estado in (live | {EstadoSolicitud.TERMINADA} if finished_too else live)

    def release(self, now: datetime) -> None:
        """Let a held one go on from now, as if it had just been accepted."""
        if self.held:
            delay = now - self.working_at
            self.held = False
            self.working_at, self.finished_at, self.expires_at = (
                instant + delay for instant in (self.working_at, self.finished_at, self.expires_at)
            )


def decide_end(query: Query, found: int, limits: Limits) -> Standing:
    """Answer how a solicitud ends that found this many documents."""
    most = limits.max_xml if query.tipo == "CFDI" else limits.max_metadata
    if found == 0:
        return Standing(_OK, EstadoSolicitud.RECHAZADA, CodEstatus.SIN_INFORMACION.number)
    if found > most:
        return Standing(limits.over_limit_cod_estatus, limits.over_limit_estado, CodEstatus.TOPE_MAXIMO.number)
    return Standing(_OK, EstadoSolicitud.TERMINADA, _OK, found)


def new_solicitud(
    identifier: str, family: Family, query: Query, ends_as: Standing, now: datetime, limits: Limits
) -> Solicitud:
    """Make an accepted solicitud whose times follow from the limits."""
    working = now + timedelta(seconds=limits.accepted_s)
    finished = working + timedelta(seconds=limits.working_s)
    return Solicitud(
        id=identifier,
        family=family,
        query=query,
        accepted_at=now,
        working_at=working,
        finished_at=finished,
        expires_at=finished + timedelta(hours=limits.package_life_h),
        ends_as=ends_as,
    )


def package_sizes(tipo: str, found: int, limits: Limits) -> list[int]:
    """Answer how many documents each package of a solicitud holds."""
    size = max(1, limits.xml_per_package if tipo == "CFDI" else limits.metadata_per_package)
    return [min(size, found - start) for start in range(0, found, size)]


def cut_packages(solicitud: Solicitud, documents: Sequence[Document], sizes: Sequence[int]) -> list[Package]:
    """Answer packages `{UUID}_01`, `{UUID}_02` … of these sizes; their ids are in upper case."""
    ends = list(accumulate(sizes))
    parts = [documents[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    return [Package(f"{solicitud.id.upper()}_{n:02d}", solicitud, part) for n, part in enumerate(parts, start=1)]
