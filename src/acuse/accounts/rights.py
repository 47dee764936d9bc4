"""The one table of who may do what: guards, menus, API tokens and the documentation read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from acuse.accounts.model import Country, Role, Theme, User
from acuse.kernel.audit import Actor


class Right(StrEnum):
    """One thing somebody may do. The value is also the scope of an API token."""

    ACCOUNT_SELF = "account:self"
    ACCOUNT_SECURE = "account:secure"
    TOKENS_SELF = "tokens:self"
    USERS_MANAGE = "users:manage"
    AUDIT_READ = "audit:read"
    JOBS_MANAGE = "jobs:manage"
    SETTINGS_READ = "settings:read"
    SAT_READ = "sat:read"
    SAT_OPERATE = "sat:operate"
    SAT_OWN = "sat:own"
    CFDI_READ = "cfdi:read"
    CRS_DOWNLOAD = "crs:download"
    CRS_MANAGE = "crs:manage"


@dataclass(frozen=True)
class Grant:
    """Who has a right, what it means for a person, and whether an API token may carry it."""

    text: str
    roles: frozenset[Role]
    for_tokens: bool = True


_ALL = frozenset(Role)
_ADMIN = frozenset({Role.ADMINISTRADOR})
_FISCAL = frozenset({Role.ADMINISTRADOR, Role.CONTRIBUYENTE})
_CRS = frozenset({Role.ADMINISTRADOR, Role.MAYORISTA, Role.DISTRIBUIDOR})

RIGHTS: Mapping[Right, Grant] = MappingProxyType(
    {
        Right.ACCOUNT_SELF: Grant("Ver y cambiar los datos propios", _ALL),
        Right.ACCOUNT_SECURE: Grant("Proteger la cuenta propia con un segundo paso", _ALL, for_tokens=False),
        Right.TOKENS_SELF: Grant("Crear y revocar tokens de API propios", _ALL, for_tokens=False),
        Right.USERS_MANAGE: Grant("Administrar usuarios", _ADMIN),
        Right.AUDIT_READ: Grant("Consultar la auditoría", _ADMIN),
        Right.JOBS_MANAGE: Grant("Ver y repetir los trabajos en segundo plano", _ADMIN),
        Right.SETTINGS_READ: Grant("Ver la configuración", _ADMIN),
        Right.SAT_READ: Grant("Ver contribuyentes, solicitudes y paquetes del SAT", _FISCAL),
        Right.SAT_OPERATE: Grant("Enviar y verificar solicitudes al SAT", _FISCAL),
        Right.SAT_OWN: Grant("Subir, usar y borrar la e.firma de un contribuyente", _FISCAL),
        Right.CFDI_READ: Grant("Consultar y descargar CFDI", _FISCAL),
        Right.CRS_DOWNLOAD: Grant("Descargar certificados de controladores y ver el historial propio", _CRS),
        Right.CRS_MANAGE: Grant("Llevar el catálogo, los límites y la facturación de las descargas", _ADMIN),
    }
)


_BY_NAME: Mapping[str, Grant] = {right.value: grant for right, grant in RIGHTS.items()}


def scopes_for(role: Role) -> tuple[Right, ...]:
    """Answer the rights that an API token of this role may carry, in the table's order."""
    return tuple(right for right, grant in RIGHTS.items() if role in grant.roles and grant.for_tokens)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who is calling, as the database says at this request.

    `scopes` is None for a person, and the scopes of the token for a program with an API token.
    """

    user_id: int
    name: str
    role: Role
    tax_id: str
    scopes: frozenset[str] | None = None
    ip: str | None = None
    session_id: UUID | None = None
    country: Country = "mx"
    theme: Theme | None = None
    must_change_password: bool = False
    owes_second_factor: bool = False

    @classmethod
    def of(
        cls,
        user: User,
        *,
        ip: str | None = None,
        session_id: UUID | None = None,
        scopes: frozenset[str] | None = None,
        strict: bool = False,
    ) -> Identity:
        """Answer the identity of a user as just read from the database.

        `strict` is a house that asks its administrators for a second step.
        """
        return cls(
            user_id=user.id,
            name=user.name,
            role=user.role,
            tax_id=user.tax_id,
            scopes=scopes,
            ip=ip,
            session_id=session_id,
            country=user.country,
            theme=user.theme,
            must_change_password=user.must_change_password,
            owes_second_factor=strict and user.role is Role.ADMINISTRADOR and not user.has_second_factor,
        )

    @property
    def actor(self) -> Actor:
        """Answer the caller as the audit names it."""
        return Actor(self.user_id, self.name, self.ip)

    def may(self, right: str) -> bool:
        """Answer whether the role, and the token when there is one, allow this right."""
        grant = _BY_NAME.get(right)
        if grant is None or self.role not in grant.roles:
            return False
        return self.scopes is None or (grant.for_tokens and str(right) in self.scopes)


def rights_markdown() -> str:
    """Answer the table as the documentation shows it: one line a right, one column a role."""
    heads = ["Derecho", "Qué permite", *(role.label for role in Role), "Token de API"]
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    for right, grant in RIGHTS.items():
        marks = ["sí" if role in grant.roles else "—" for role in Role]
        lines.append(" | ".join([f"`{right}`", grant.text, *marks, "sí" if grant.for_tokens else "—"]))
    return "".join(f"| {line} |\n" for line in lines)
