"""People, their roles and their tax ids: values and rules, no I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final, Literal
from uuid import UUID

Theme = Literal["light", "dark", "system"]
DEFAULT_LIMIT: Final = 5
MAX_LIMIT: Final = 1_000_000
Country = Literal["mx", "ec", "ar"]


class Role(IntEnum):
    """What a person is here. The numbers are the wire's `id_rol`."""

    ADMINISTRADOR = 1
    MAYORISTA = 2
    DISTRIBUIDOR = 3
    CONTRIBUYENTE = 4

    @property
    def label(self) -> str:
        """Answer the name people read."""
        return self.name.capitalize()


class UserStatus(StrEnum):
    """Whether a user may come in."""

    ACTIVE = "activo"
    INACTIVE = "inactivo"


@dataclass(frozen=True, kw_only=True)
class User:
    """A person who may log in. The password's hash is not part of it."""

    id: int
    tax_id: str
    name: str
    mail: str
    role: Role
    status: UserStatus
    country: Country
    theme: Theme | None
    must_change_password: bool
    token_version: int
    created_at: datetime
    limite_descargas: int = DEFAULT_LIMIT
    created_by: int | None = None
    updated_at: datetime | None = None
    password_changed_at: datetime | None = None
    password_expires_at: datetime | None = None
    last_login_at: datetime | None = None
    deleted_at: datetime | None = None
    second_factor_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Answer whether the user may come in at all."""
        return self.status is UserStatus.ACTIVE and self.deleted_at is None

    @property
    def has_second_factor(self) -> bool:
        """Answer whether a code is asked for after the password."""
        return self.second_factor_at is not None

    def password_is_expired(self, now: datetime) -> bool:
        """Answer whether a temporary password has run out."""
        return self.password_expires_at is not None and now >= self.password_expires_at


@dataclass(frozen=True, kw_only=True)
class UserFilter:
    """Which users a list holds. Deleted ones only when asked for."""

    role: Role | None = None
    status: UserStatus | None = None
    deleted: bool = False
    search: str = ""

    def as_dict(self) -> dict[str, object]:
        """Answer what was asked for, as the audit keeps it."""
        told = {"rol": self.role, "status": "eliminado" if self.deleted else self.status, "buscar": self.search}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, kw_only=True)
class UserChanges:
    """What to change of a user; None leaves it as it is."""

    name: str | None = None
    tax_id: str | None = None
    mail: str | None = None
    role: Role | None = None
    country: Country | None = None
    status: UserStatus | None = None
    limite_descargas: int | None = None


def country_of(tax_id: str, role: Role) -> Country:
    """Answer the country somebody most likely belongs to, by the shape of the tax id."""
    if _CUIT.fullmatch(tax_id) or role in {Role.MAYORISTA, Role.DISTRIBUIDOR}:
        return "ar"
    return "ec" if _RUC.fullmatch(tax_id) else "mx"


def search_key(text: str) -> str:
    """Answer text as it is searched for: lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


class SessionKind(StrEnum):
    """How somebody is logged in."""

    BROWSER = "navegador"
    PROGRAM = "programa"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One login that lasts: a browser's cookie or a program's family of refresh tokens."""

    id: UUID
    user_id: int
    kind: SessionKind
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ip: str | None
    user_agent: str

    @property
    def device(self) -> str:
        """Answer what logged in, in a few words."""
        return device_name(self.user_agent)


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A named key for a program. The secret itself is shown once and kept only as a hash."""

    id: UUID
    user_id: int
    name: str
    scopes: tuple[str, ...]
    hint: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_name(agent: str) -> str:
    """Answer what a User-Agent is in a few words, as in "Firefox en Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} en {system}"
    return browser or system or agent.split("/", maxsplit=1)[0][:40] or "Sin nombre"


# Shapes only; the check digit belongs to each country.
# CUIT: AFIP RG 10/97 (11 digits). RFC: SAT, Código Fiscal de la Federación art. 27 (12 or 13 characters).
# RUC: SRI, Ley del RUC (13 digits).
_CUIT: Final = re.compile(r"\d{11}")
_RUC: Final = re.compile(r"\d{13}")
_RFC: Final = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}")
_ANY: Final = re.compile(r"[A-ZÑ&0-9]{3,20}")
_NOISE: Final = re.compile(r"[\s.\-]")


def normal_tax_id(text: str) -> str:
    """Answer the tax id as it is kept: upper case, without spaces, dots or hyphens."""
    return _NOISE.sub("", text).upper()


NOBODY: Final = "?"
"""The account under which everything is counted that cannot be a tax id."""


def has_known_shape(tax_id: str) -> bool:
    """Answer whether a normalised tax id looks like a CUIT, an RFC or a RUC."""
    return any(shape.fullmatch(tax_id) for shape in (_CUIT, _RUC, _RFC))


def is_plausible(tax_id: str) -> bool:
    """Answer whether it could be any tax id at all: what the lenient setting still asks for."""
    return _ANY.fullmatch(tax_id) is not None
