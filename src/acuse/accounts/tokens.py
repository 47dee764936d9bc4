"""Signed tokens (JWT, HS256) and opaque secrets: made and read here, never stored in clear."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

import jwt
from jwt.types import Options
from pydantic import SecretStr

from acuse.accounts.errors import TokenRejected

ISSUER: Final = "acuse"
API_TOKEN_PREFIX: Final = "acuse_"  # noqa: S105 - what every secret begins with
_ALGORITHM: Final = "HS256"
_MAX_TOKEN_CHARS: Final = 4096
_AHEAD: Final = timedelta(minutes=1)
"""By how much the clock of another process may be ahead of ours."""
# Times are compared with our own clock below, not with the machine's.
_OPTIONS: Final[Options] = {
    "require": ["iss", "aud", "sub", "jti", "iat", "exp", "token_type", "ver"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class TokenKind(StrEnum):
    """What a token is for. One kind is never taken for another."""

    ACCESS = "access"
    REFRESH = "refresh"
    CHANGE = "pwd-change"
    FACTOR = "second-factor"


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a token says. `session` is the family it belongs to; `version` the owner's token_version."""

    user_id: int
    kind: TokenKind
    version: int
    issued_at: datetime
    expires_at: datetime
    session: UUID | None = None
    extra: dict[str, Any] | None = None


class TokenSigner:
    """Signs and reads tokens: access, change and second step under one secret, refresh under another."""

    def __init__(self, *, access_secret: SecretStr, refresh_secret: SecretStr) -> None:
        self._keys = {
            TokenKind.ACCESS: access_secret,
            TokenKind.CHANGE: access_secret,
            TokenKind.FACTOR: access_secret,
            TokenKind.REFRESH: refresh_secret,
        }

    def sign(self, claims: Claims) -> str:
        """Answer the token with a fresh `jti`. `extra` is for the reader's comfort and never believed."""
        payload = {
            **(claims.extra or {}),
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": str(claims.user_id),
            "jti": uuid4().hex,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
            "token_type": claims.kind.value,
            "ver": claims.version,
        }
        if claims.session is not None:
            payload["sid"] = str(claims.session)
        return jwt.encode(payload, self._keys[claims.kind].get_secret_value(), algorithm=_ALGORITHM)

    def read(self, token: str, kind: TokenKind, *, now: datetime) -> Claims:
        """Answer what a token of this kind says; raises TokenRejected for every other token."""
        if len(token) > _MAX_TOKEN_CHARS:
            raise TokenRejected
        try:
            payload = jwt.decode(
                token,
                self._keys[kind].get_secret_value(),
                algorithms=[_ALGORITHM],
                audience=ISSUER,
                issuer=ISSUER,
                options=_OPTIONS,
            )
            claims = _claims(payload)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError) as error:
            raise TokenRejected from error
        if claims.kind is not kind or claims.expires_at <= now or claims.issued_at > now + _AHEAD:
            raise TokenRejected
        return claims


def _claims(payload: dict[str, Any]) -> Claims:
    if not isinstance(payload["ver"], int):
        raise TypeError("ver is not a number")
    return Claims(
        user_id=int(payload["sub"]),
        kind=TokenKind(payload["token_type"]),
        version=payload["ver"],
        issued_at=datetime.fromtimestamp(max(payload["iat"], payload.get("nbf", 0)), UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        session=UUID(payload["sid"]) if "sid" in payload else None,
    )


def new_secret() -> str:
    """Answer an opaque secret of 256 random bits, safe in cookies and headers."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> bytes:
    """Answer the SHA-256 under which a secret of full strength is kept and found."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
