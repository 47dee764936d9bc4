"""JSON of accounts, in and out. Names and texts of /auth are a public contract."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field

from acuse.accounts.model import ApiToken, User
from acuse.accounts.rights import Identity
from acuse.accounts.service import NewApiToken, TokenPair

Password = Annotated[str, Field(max_length=1024)]
UserId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Token = Annotated[str, Field(max_length=4096)]
FORGOTTEN: Final = "Si hay una cuenta con ese identificador y tiene correo, en unos minutos recibirá un enlace."
"""The one answer to whoever says that they forgot a password."""


class LoginIn(BaseModel):
    """Who logs in. `cuit` takes a CUIT, an RFC or a RUC."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cuit": "20123456789", "password": "contraseña123"}]})

    cuit: Annotated[str, Field(max_length=64)]
    password: Password


class LoggedInOut(BaseModel):
    """The tokens of a login, and who it was."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accessToken": "jwt_token",
                    "refreshToken": "refresh_token",
                    "id_rol": 1,
                    "id_usuario": 123,
                    "nombre": "Juan Pérez",
                }
            ]
        }
    )

    accessToken: str
    refreshToken: str
    id_rol: int
    id_usuario: int
    nombre: str

    @classmethod
    def of(cls, pair: TokenPair) -> Self:
        """Answer the login's JSON."""
        return cls(
            accessToken=pair.access,
            refreshToken=pair.refresh,
            id_rol=int(pair.user.role),
            id_usuario=pair.user.id,
            nombre=pair.user.name,
        )


class MustChangeOut(BaseModel):
    """The password is temporary: change it with `changeToken`, then log in."""

    must_change_password: bool = True
    id_usuario: int
    message: str = "Debe cambiar su contraseña antes de continuar"
    changeToken: str


class SecondStepOut(BaseModel):
    """The password was right: send `factorToken` with a code to /auth/second-factor within five minutes."""

    second_factor_required: bool = True
    id_usuario: int
    message: str = "Escribe el código de tu aplicación de autenticación"
    factorToken: str


class SecondStepIn(BaseModel):
    """The login's `factorToken` and a code: the authenticator's six digits, or a recovery code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"factorToken": "jwt_token", "code": "492039"}]})

    factorToken: Token
    code: Annotated[str, Field(max_length=64)]


class ChangePasswordIn(BaseModel):
    """A new password and a proof: a session and `currentPassword`, `changeToken`, or the temporary password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id_usuario": 123, "newPassword": "NuevaContraseña123!", "currentPassword": "contraseña_actual"}
            ]
        }
    )

    id_usuario: UserId
    newPassword: Password
    currentPassword: Password | None = None
    changeToken: Token | None = None


class ForgotIn(BaseModel):
    """Who forgot the password. `cuit` takes a CUIT, an RFC or a RUC."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cuit": "20123456789"}]})

    cuit: Annotated[str, Field(max_length=64)]


class RecoverIn(BaseModel):
    """The code of the mail, and the new password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "token_del_correo", "newPassword": "NuevaContraseña123!"}]}
    )

    token: Annotated[str, Field(max_length=200)]
    newPassword: Password


class RefreshIn(BaseModel):
    """A refresh token, which is used up. Older programs call it `token`."""

    refreshToken: Annotated[Token, Field(validation_alias=AliasChoices("refreshToken", "token"))]


class RefreshedOut(BaseModel):
    """Both new tokens. The refresh token sent is used up."""

    accessToken: str
    refreshToken: str


class MessageOut(BaseModel):
    """A sentence for a person."""

    message: str


class MeOut(BaseModel):
    """The caller."""

    id_usuario: int
    nombre: str
    cuit: str
    mail: str
    id_rol: int
    rol: str
    status: str
    pais: str
    ultimo_acceso: datetime | None
    segundo_paso: bool
    alcances: list[str] | None = Field(description="Alcances del token de API; null con un token de acceso.")

    @classmethod
    def of(cls, user: User, identity: Identity) -> Self:
        """Answer the caller's JSON."""
        return cls(
            id_usuario=user.id,
            nombre=user.name,
            cuit=user.tax_id,
            mail=user.mail,
            id_rol=int(user.role),
            rol=user.role.label,
            status=user.status.value,
            pais=user.country,
            ultimo_acceso=user.last_login_at,
            segundo_paso=user.has_second_factor,
            alcances=None if identity.scopes is None else sorted(identity.scopes),
        )


class NewTokenIn(BaseModel):
    """A key for a program. `id_usuario` is for administrators: a Contribuyente they created."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Nómina", "scopes": ["sat:read", "cfdi:read"], "expires_at": "2027-01-01T00:00:00Z"}]
        }
    )

    name: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[Annotated[str, Field(max_length=60)]], Field(min_length=1, max_length=50)]
    expires_at: AwareDatetime | None = None
    id_usuario: UserId | None = None


class TokenOut(BaseModel):
    """An API token as it may be shown; `hint` is the end of its secret."""

    id: UUID
    id_usuario: int
    name: str
    scopes: list[str]
    hint: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> Self:
        """Answer the token's JSON."""
        return cls(**_shown(token))


class NewTokenOut(TokenOut):
    """An API token just made. `token` is its secret and is never shown again."""

    token: str

    @classmethod
    def made(cls, new: NewApiToken) -> Self:
        """Answer the new token's JSON with its secret."""
        return cls(**_shown(new.token), token=new.secret)


class TokensOut(BaseModel):
    """The caller's API tokens."""

    tokens: list[TokenOut]


def _shown(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "id_usuario": token.user_id,
        "name": token.name,
        "scopes": list(token.scopes),
        "hint": token.hint,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }
