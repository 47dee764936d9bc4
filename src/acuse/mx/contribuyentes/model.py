"""A taxpayer we serve, who may act for it, and the state of its e.firma."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from acuse.kernel.audit import Actor
from acuse.mx.rfc import Rfc

SOON_DAYS: Final = 60
# Below the size at which a form's files would be spooled to disk: a key never touches it in clear.
FORM_LIMIT_BYTES: Final = 256_000
_ORDER: Final = ("lectura", "operacion", "dueño")


class AccessLevel(StrEnum):
    """What a user may do for an RFC; each level includes those before it."""

    LECTURA = "lectura"
    OPERACION = "operacion"
    DUENO = "dueño"

    def covers(self, needed: AccessLevel) -> bool:
        """Answer whether this level is enough where `needed` is asked."""
        return _ORDER.index(self) >= _ORDER.index(needed)


class EfirmaState(StrEnum):
    """How an e.firma stands today."""

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
        """Answer the whole days of validity left; negative once it is over."""
        return (self.valid_until - self.as_of).days

    @property
    def state(self) -> EfirmaState:
        """Answer how it stands."""
        if self.as_of > self.valid_until:
            return EfirmaState.EXPIRED
        return EfirmaState.ENDING if self.days_left <= SOON_DAYS else EfirmaState.VALID


@dataclass(frozen=True)
class Contribuyente:
    """A taxpayer as one caller sees it: `level` is the caller's own access."""

    id: int
    rfc: Rfc
    name: str
    level: AccessLevel
    created_at: datetime
    efirma: EfirmaStatus | None


def needs_attention(item: Contribuyente) -> bool:
    """Tell whether this taxpayer's e.firma is missing, over, or about to end."""
    return item.efirma is None or item.efirma.state is not EfirmaState.VALID


@dataclass(frozen=True)
class Acceso:
    """One user's access to one taxpayer."""

    user_id: int
    level: AccessLevel
    granted_at: datetime


def certificate_key(rfc: str, number: str) -> str:
    """Answer the storage key of a certificate, kept in clear."""
    return f"clientes/{rfc}/certificados/{number}.cer.pem"


def sealed_key_key(rfc: str, number: str) -> str:
    """Answer the storage key of a sealed private key."""
    return f"clientes/{rfc}/certificados/{number}.key.sealed"
