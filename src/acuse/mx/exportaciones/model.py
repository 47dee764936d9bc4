"""An export: what was asked, how far it is, and the parts its file is put together from. No I/O."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from acuse.kernel.audit import AuditAction
from acuse.kernel.captioned import Captioned
from acuse.mx.contribuyentes.model import MEXICO_CITY

_STILL: Final = timedelta(minutes=5)


class Formato(Captioned):
    """What is made of a set of CFDIs."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
    ZIP = "zip", "ZIP de XML"
    EVERYTHING = "todo", "Todo el contribuyente"

    @property
    def suffix(self) -> str:
        """Answer how the file's name ends."""
        return "zip" if self is Formato.EVERYTHING else self.value

    @property
    def media_type(self) -> str:
        """Answer what the file is on the wire."""
        return _MEDIA_TYPES[self.suffix]

    @property
    def action(self) -> AuditAction:
        """Answer how the audit names asking for it."""
        return _ACTIONS[self]


_MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_ACTIONS: Final = {
    Formato.CSV: AuditAction.EXPORT_CSV,
    Formato.XLSX: AuditAction.EXPORT_XLSX,
    Formato.ZIP: AuditAction.EXPORT_ZIP,
    Formato.EVERYTHING: AuditAction.EXPORT_TAXPAYER,
}


class Estado(Captioned):
    """Where an export stands."""

    RUNNING = "en_curso", "En curso"
    READY = "lista", "Lista"
    FAILED = "fallida", "Fallida"
    CANCELLED = "cancelada", "Cancelada"


class Taxpayer(NamedTuple):
    """One whose CFDIs are exported."""

    id: int
    rfc: str


@dataclass
class Flow:
    """A member of the ZIP under way: what was deflated of it so far."""

    crc: int = 0
    size: int = 0
    compressed: int = 0
    rows: int = 0

    def take(self, data: bytes, *, last: bool = False) -> bytes:
        """Answer these bytes deflated so that the next stretch may follow, in whatever process."""
        deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = deflater.compress(data) + deflater.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)
        self.crc = zlib.crc32(data, self.crc)
        self.size += len(data)
        self.compressed += len(deflated)
        return deflated


@dataclass
class Progress:
    """How far the making is: all that the next process needs to go on.

    `place` counts the taxpayers that are done; `after` is the key of the last row of the present one. `settled` holds
    by taxpayer the last package indexed at the beginning.
    """

    place: int = 0
    after: tuple[str, str] | None = None
    rows: int = 0
    documents: int = 0
    document_bytes: int = 0
    directory_bytes: int = 0
    without_xml: int = 0
    unreadable: int = 0
    flows: dict[str, Flow] = field(default_factory=dict)
    settled: dict[str, int] | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Make it again from what was kept."""
        flows = {name: Flow(**flow) for name, flow in kept.get("flows", {}).items()}
        after = kept.get("after")
        return cls(**{**kept, "flows": flows, "after": None if after is None else (after[0], after[1])})

    def keep(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self)

    def flow(self, name: str) -> Flow:
        """Answer the member of this name, begun now if it was not."""
        return self.flows.setdefault(name, Flow())


class Part(NamedTuple):
    """Bytes of the file to be: those of lower rank come first, equals in the order they were made."""

    rank: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Exportacion:
    """An export as its owner sees it. `problem` says why it stands still, or what is not as it should be."""

    id: UUID
    formato: Formato
    created_by: str
    user_id: int | None
    taxpayers: Sequence[Taxpayer]
    wanted: Mapping[str, Any]
    estado: Estado
    done: int
    total: int
    without_xml: int
    unreadable: int
    size_bytes: int
    problem: str | None
    created_at: datetime
    moved_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None

    @property
    def rfcs(self) -> list[str]:
        """Answer whose CFDIs they are."""
        return [each.rfc for each in self.taxpayers]

    def stands_still(self, now: datetime) -> bool:
        """Answer whether it is not being made though it should be: something stopped it, or whoever made it is gone."""
        return self.estado is Estado.RUNNING and (self.problem is not None or now - self.moved_at > _STILL)

    @property
    def file_name(self) -> str:
        """Answer the name to save it under; an RFC keeps its `&` and `Ñ`."""
        who = self.rfcs[0] if len(self.taxpayers) == 1 else f"{len(self.taxpayers)}-contribuyentes"
        what = "completo" if self.formato is Formato.EVERYTHING else "cfdi"
        return f"{what}-{who}-{self.created_at.astimezone(MEXICO_CITY):%Y-%m-%d-%H%M}.{self.formato.suffix}"
