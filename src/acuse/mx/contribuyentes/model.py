"""A taxpayer we serve, who may act for it, and the state of its e.firma."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from acuse.kernel.audit import Actor
from acuse.mx.rfc import Rfc

SOON_DAYS: Final = 60
NOTICE_DAYS: Final = (7, 15, 30, 60)
MEXICO_CITY: Final = ZoneInfo("America/Mexico_City")
# Below the size at which a form's files would be spooled to disk: a key never touches it in clear.
FORM_LIMIT_BYTES: Final = 256_000
BATCH_LIMIT_BYTES: Final = 1_000_000
NAME_LIMIT: Final = 300
PEM_PASSWORD_CHARS: Final = (10, 200)
_NEAR: Final = {-1: "ayer", 0: "hoy", 1: "mañana"}
_ORDER: Final = ("lectura", "operacion", "dueño")


class AccessLevel(StrEnum):
    """What a user may do for an RFC; each level includes those before it."""

    LECTURA = "lectura"
    OPERACION = "operacion"
    DUENO = "dueño"

    @property
    def caption(self) -> str:
        """Answer the level as people read it."""
        return {"lectura": "Lectura", "operacion": "Operación", "dueño": "Dueño"}[self.value]

    def covers(self, needed: AccessLevel) -> bool:
        """Answer whether this level is enough where `needed` is asked."""
        return _ORDER.index(self) >= _ORDER.index(needed)


class EfirmaState(StrEnum):
    """How a taxpayer's e.firma stands today."""

    MISSING = "sin_efirma"
    VALID = "vigente"
    ENDING = "por_vencer"
    EXPIRED = "vencida"


class Acting(Protocol):
    """Somebody who acts: an identity from the web, whatever its proof."""

    @property
    def actor(self) -> Actor:
        """Answer who is written into the audit."""
        ...


Caller = Actor | Acting


def actor_of(caller: Caller) -> Actor:
    """Answer the actor of a caller. One without an id is the machine's owner (command line, jobs): sees all."""
    return caller if isinstance(caller, Actor) else caller.actor


@dataclass(frozen=True)
class EfirmaStatus:
    """An e.firma on file, as of an instant. Holds nothing secret."""

    number: str
    holder_name: str
    representative_rfc: str | None
    valid_from: datetime
    valid_until: datetime
    uploaded_at: datetime
    as_of: datetime

    @property
    def days_left(self) -> int:
        """Answer how many days of Mexico City's calendar are left: 0 on its last one, negative after it."""
        return days_between(self.as_of, self.valid_until)

    @property
    def ends(self) -> str:
        """Answer when it ends, or ended, seen from today."""
        return in_days(self.days_left)

    @property
    def state(self) -> EfirmaState:
        """Answer how it stands."""
        if self.as_of > self.valid_until:
            return EfirmaState.EXPIRED
        return EfirmaState.ENDING if self.days_left <= SOON_DAYS else EfirmaState.VALID


@dataclass(frozen=True)
class Contribuyente:
    """A taxpayer as one caller sees it: `level` is the caller's own access.

    `daily_retenciones` counts only with `daily_download`, which it adds to.
    """

    id: int
    rfc: Rfc
    name: str
    level: AccessLevel
    created_at: datetime
    efirma: EfirmaStatus | None
    daily_download: bool = False
    daily_retenciones: bool = False

    @property
    def state(self) -> EfirmaState:
        """Answer how its e.firma stands, or that there is none."""
        return EfirmaState.MISSING if self.efirma is None else self.efirma.state

    @property
    def may_operate(self) -> bool:
        """Answer whether the caller may act for it, not only look."""
        return self.level.covers(AccessLevel.OPERACION)

    @property
    def can_sign(self) -> bool:
        """Answer whether it has an e.firma that is not over: without one the SAT is asked nothing."""
        return self.state not in {EfirmaState.MISSING, EfirmaState.EXPIRED}


def as_choices(taxpayers: Iterable[Contribuyente]) -> list[tuple[str, str]]:
    """Answer what a taxpayer is chosen from in a form: its RFC, and what is read of it."""
    return [(str(each.rfc), f"{each.rfc} · {each.name}" if each.name else str(each.rfc)) for each in taxpayers]


def as_filter(taxpayers: Iterable[Contribuyente]) -> list[tuple[str, str]]:
    """Answer what a list is narrowed to one taxpayer with: all of them, or one."""
    return [("", "Todos"), *as_choices(taxpayers)]


def needs_attention(item: Contribuyente) -> bool:
    """Tell whether this taxpayer's e.firma is missing, over, or about to end."""
    return item.state is not EfirmaState.VALID


@dataclass(frozen=True, kw_only=True)
class Ending:
    """An e.firma in use that ends soon, and one person to be told."""

    efirma_id: UUID
    rfc: Rfc
    name: str
    number: str
    valid_until: datetime
    person: str
    mail: str

    @property
    def last_day(self) -> date:
        """Answer the last day of its validity, by the calendar of Mexico City."""
        return self.valid_until.astimezone(MEXICO_CITY).date()

    def days_left(self, now: datetime) -> int:
        """Answer how many days of that calendar lie between today and the last day."""
        return days_between(now, self.valid_until)


def days_between(now: datetime, then: datetime) -> int:
    """Answer how many days of Mexico City's calendar lie between two instants."""
    today, day = (moment.astimezone(MEXICO_CITY).date() for moment in (now, then))
    return (day - today).days


def in_days(days: int) -> str:
    """Say in Spanish when a day so many days from today is: `hoy`, `mañana`, `en 12 días`, `hace 3 días`."""
    if days in _NEAR:
        return _NEAR[days]
    return f"en {days:,} días" if days > 0 else f"hace {-days:,} días"


def notice_due(days_left: int) -> int | None:
    """Answer the threshold an e.firma of so many days stands at: 60, 30, 15 or 7, the most urgent; None before."""
    return next((threshold for threshold in NOTICE_DAYS if days_left <= threshold), None)


@dataclass(frozen=True)
class KeptExport:
    """The ZIP of everything of a taxpayer: whose export it is, until when it stays, whether somebody took it."""

    owner: str
    until: datetime
    taken: bool

    @property
    def told(self) -> str:
        """Tell it in Spanish to who is about to remove the taxpayer, or has."""
        until = f"{self.until.astimezone(MEXICO_CITY):%d/%m/%Y a las %H:%M}, hora de la Ciudad de México"
        place = f"en las exportaciones de {self.owner} hasta el {until}"
        if self.taken:
            return f"El ZIP de su exportación ya se descargó, y sigue {place}."
        return f"Nadie ha descargado el ZIP de su exportación: queda {place}; después se borra."


@dataclass(frozen=True)
class Acceso:
    """One user's access to one taxpayer."""

    user_id: int
    level: AccessLevel
    granted_at: datetime
    name: str = ""
    tax_id: str = ""


@dataclass(frozen=True, kw_only=True)
class PemFiles:
    """An e.firma as PEM text: the certificate, and the key encrypted under a password given for this."""

    rfc: Rfc
    number: str
    certificate: str
    key: str = field(repr=False)

    @property
    def names(self) -> tuple[str, str]:
        """Answer what the two files are called."""
        return f"{self.rfc}_{self.number}.cer.pem", f"{self.rfc}_{self.number}.key.pem"


def certificate_key(rfc: str, number: str) -> str:
    """Answer the storage key of a certificate, kept in clear."""
    return f"clientes/{rfc}/certificados/{number}.cer.pem"


def sealed_key_key(rfc: str, number: str) -> str:
    """Answer the storage key of a sealed private key."""
    return f"clientes/{rfc}/certificados/{number}.key.sealed"
