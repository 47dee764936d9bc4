"""JSON of one's own second step."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from acuse.accounts.schemas.access import Password

_Code = Annotated[str, Field(max_length=64)]


class SecondFactorOut(BaseModel):
    """How the caller's second step stands."""

    activo: bool
    desde: datetime | None
    codigos_restantes: int


class BeginIn(BaseModel):
    """The caller's password, asked for again."""

    password: Password


class EnrolmentOut(BaseModel):
    """What an authenticator needs: the address of its QR code, or the secret to type. Shown until confirmed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "secret": "JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP",
                    "otpauth": "otpauth://totp/Acuse%3A20123456789?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acuse",
                }
            ]
        }
    )

    secret: str
    otpauth: str


class CodeIn(BaseModel):
    """A code of the authenticator."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "492039"}]})

    code: _Code


class ProofIn(BaseModel):
    """The caller's password and a code: the authenticator's, or a recovery code."""

    password: Password
    code: _Code


class RecoveryCodesOut(BaseModel):
    """Codes for who loses the authenticator, each good once. They are not shown again."""

    codigos: list[str]
