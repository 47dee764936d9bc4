"""What an import found and did. No I/O."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from acuse.kernel.captioned import Captioned

TOLD_KEPT: Final = 500
UPLOAD_BYTES: Final = 200_000_000
_NAME_CHARS: Final = 200
_TEXT_CHARS: Final = 300


class Outcome(Captioned):
    """What became of a file that was not taken in."""

    FOREIGN = "ajeno", "De otro RFC"
    UNREADABLE = "ilegible", "Ilegible"


class Told(NamedTuple):
    """One file or row that was not taken in, and why."""

    name: str
    outcome: Outcome
    code: str
    text: str


class Estado(Captioned):
    """Where an uploaded archive stands."""

    RUNNING = "en_curso", "En curso"
    DONE = "terminada", "Terminada"
    FAILED = "fallida", "Fallida"


@dataclass
class Report:
    """What was found: documents and metadata rows, new or known, of others, unreadable; and files of other kinds.

    `told` holds the first of what was not taken in, what could not be read before what is others'.
    """

    new: int = 0
    known: int = 0
    foreign: int = 0
    unreadable: int = 0
    ignored: int = 0
    rows_new: int = 0
    rows_known: int = 0
    rows_foreign: int = 0
    rows_unreadable: int = 0
    told: list[Told] = field(default_factory=list)

    def tell(self, name: str, outcome: Outcome, code: str = "", text: str = "") -> None:
        """Keep one for the report, while there is room. Names come from strangers: they are cut and made printable."""
        told = Told(_printable(name, _NAME_CHARS), outcome, code, _printable(text, _TEXT_CHARS))
        insort(self.told, told, key=_is_foreign)
        del self.told[TOLD_KEPT:]

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        """Make it again from plain data."""
        told = [Told(each[0], Outcome(each[1]), each[2], each[3]) for each in kept.get("told", ())]
        return cls(**{**kept, "told": told})

    def keep(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self) | {"told": [list(each) for each in self.told]}


@dataclass(frozen=True, kw_only=True)
class Importacion:
    """An uploaded archive as its owner sees it."""

    id: UUID
    rfc: str
    contribuyente_id: int
    user_id: int | None
    created_by: str
    file_name: str
    size_bytes: int
    trial: bool
    estado: Estado
    done: int
    total: int
    report: Report
    packages: Sequence[str]
    problem: str | None
    created_at: datetime
    finished_at: datetime | None


def _is_foreign(told: Told) -> bool:
    return told.outcome is Outcome.FOREIGN


def _printable(text: str, most: int) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text[:most])
