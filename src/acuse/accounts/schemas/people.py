"""JSON of /users and of the administrator's reset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from acuse.accounts.model import DEFAULT_LIMIT, MAX_LIMIT, Country, Role, User, UserChanges, UserFilter, UserStatus
from acuse.accounts.schemas.access import Password, UserId
from acuse.kernel.errors import InvalidInput
from acuse.webkit.lists import Pagination

_Name = Annotated[str, Field(max_length=400)]
_TaxId = Annotated[str, Field(max_length=64)]
_Mail = Annotated[str, Field(max_length=320)]
_Limit = Annotated[StrictInt, Field(ge=0, le=MAX_LIMIT)]
_JUAN: dict[str, Any] = {
    "nombre": "Juan Pérez",
    "cuit": "20123456789",
    "mail": "juan@example.com",
    "password": "Password123!",
    "id_rol": 2,
    "limite_descargas": 10,
}


class NewUserIn(BaseModel):
    """A user to be. The password is temporary: it must be changed at the first login."""

    model_config = ConfigDict(json_schema_extra={"examples": [_JUAN]})

    nombre: _Name
    cuit: _TaxId
    mail: _Mail = ""
    password: Password
    id_rol: Role
    limite_descargas: _Limit = DEFAULT_LIMIT
    pais: Country | None = None


class UserPatchIn(BaseModel):
    """What to change of a user; what is left out, or null, stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limite_descargas": 20, "status": "activo"}]})

    nombre: _Name | None = None
    cuit: _TaxId | None = None
    mail: _Mail | None = None
    id_rol: Role | None = None
    limite_descargas: _Limit | None = None
    status: UserStatus | None = None
    pais: Country | None = None
    password: Any = Field(None, exclude=True, description="No se cambia aquí: usa /auth/admin/reset-password.")

    def changes(self) -> UserChanges:
        """Answer what to change; raises InvalidInput for a password, which has its own endpoint."""
        if self.password is not None:
            raise InvalidInput(fields={"password": "La contraseña se restablece en POST /auth/admin/reset-password."})
        return UserChanges(
            name=self.nombre,
            tax_id=self.cuit,
            mail=self.mail,
            role=self.id_rol,
            country=self.pais,
            status=self.status,
            limite_descargas=self.limite_descargas,
        )


class UserOut(BaseModel):
    """A user as administrators see them."""

    id_usuario: int
    nombre: str
    cuit: str
    mail: str
    id_rol: int
    rol: str
    limite_descargas: int
    status: str
    pais: str
    must_change_password: bool
    created_by: int | None
    created_at: datetime
    updated_at: datetime | None
    ultimo_login: datetime | None
    segundo_paso: bool

    @classmethod
    def of(cls, user: User) -> Self:
        """Answer the user's JSON."""
        return cls(
            id_usuario=user.id,
            nombre=user.name,
            cuit=user.tax_id,
            mail=user.mail,
            id_rol=int(user.role),
            rol=user.role.label,
            limite_descargas=user.limite_descargas,
            status="eliminado" if user.deleted_at else user.status.value,
            pais=user.country,
            must_change_password=user.must_change_password,
            created_by=user.created_by,
            created_at=user.created_at,
            updated_at=user.updated_at,
            ultimo_login=user.last_login_at,
            segundo_paso=user.has_second_factor,
        )


class UsersOut(BaseModel):
    """One page of users."""

    usuarios: list[UserOut]
    pagination: Pagination


class CreatedUserOut(BaseModel):
    """The new user's number."""

    message: str = "Usuario creado correctamente"
    id_usuario: int


class RoleOut(BaseModel):
    """A role there is."""

    id_rol: int
    rol: str


class AdminResetIn(BaseModel):
    """A temporary password for somebody else."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id_usuario": 123, "nuevaPassword": "PasswordTemporal123!"}]}
    )

    id_usuario: UserId
    nuevaPassword: Password


_STATUSES = {
    "activo": UserStatus.ACTIVE,
    "1": UserStatus.ACTIVE,
    "inactivo": UserStatus.INACTIVE,
    "0": UserStatus.INACTIVE,
}


def user_filter(role: str | None, status: str | None, search: str | None) -> UserFilter:
    """Read the filters of a list: a role by number or name, a status by name or 1 and 0; raises InvalidInput."""
    problems = {}
    chosen = None
    if role:
        chosen = next((each for each in Role if role.casefold() in {str(int(each)), each.name.casefold()}), None)
        if chosen is None:
            problems["role"] = "Debe ser un rol: " + ", ".join(f"{int(each)} ({each.label})" for each in Role) + "."
    deleted = (status or "").casefold() == "eliminado"
    state = None if deleted or not status else _STATUSES.get(status.casefold())
    if status and not deleted and state is None:
        problems["status"] = "Debe ser activo, inactivo o eliminado."
    if problems:
        raise InvalidInput(fields=problems)
    return UserFilter(role=chosen, status=state, deleted=deleted, search=(search or "").strip())
