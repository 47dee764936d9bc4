"""What happened or fell due: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class SolicitudReady(Event):
    """A solicitud is to be sent to the SAT."""

    solicitud_id: str


@dataclass(frozen=True)
class SolicitudDue(Event):
    """The SAT is to be asked how a solicitud goes."""

    solicitud_id: str


@dataclass(frozen=True)
class SolicitudEnded(Event):
    """A solicitud that is part of something larger has ended: what it belongs to may go on."""

    solicitud_id: str


@dataclass(frozen=True)
class PaqueteFound(Event):
    """The SAT has a package ready: it is to be downloaded."""

    paquete_id: str


@dataclass(frozen=True)
class PaqueteStored(Event):
    """A package's bytes are safe: its contents are to be indexed."""

    paquete_id: str


@dataclass(frozen=True)
class TreeOutdated(Event):
    """The text files of a taxpayer's year no longer say what the database says."""

    contribuyente_id: int
    year: int


@dataclass(frozen=True)
class DailyDue(Event):
    """The daily download of a taxpayer is to begin, for this day of Mexico City (AAAA-MM-DD)."""

    contribuyente_id: int
    day: str


@dataclass(frozen=True)
class RecheckDue(Event):
    """The months of a taxpayer that may still see a cancellation are to be asked again, on this day (AAAA-MM-DD)."""

    contribuyente_id: int
    day: str


@dataclass(frozen=True)
class SummaryDue(Event):
    """The daily downloads of a day (AAAA-MM-DD) have ended or are late: people are to be told."""

    day: str


@dataclass(frozen=True)
class SyncAsked(Event):
    """All that is due is to be verified and downloaded, for one taxpayer or for all."""

    contribuyente_id: int | None = None
