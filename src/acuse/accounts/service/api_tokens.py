"""Keys for programs: named, limited in scope and time, shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from acuse.accounts.errors import ApiTokenNotFound, ScopeNotAllowed, TokenRejected, UserNotFound
from acuse.accounts.model import ApiToken, Role, User
from acuse.accounts.rights import Identity, Right, scopes_for
from acuse.accounts.store import ApiTokenStore, UserStore
from acuse.accounts.tokens import API_TOKEN_PREFIX, fingerprint, new_secret
from acuse.kernel.audit import Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import InvalidInput

_TOUCH_EVERY: Final = timedelta(minutes=1)
_HINT_CHARS: Final = 4
_MAX_NAME_CHARS: Final = 80


@dataclass(frozen=True)
class NewApiToken:
    """A token just made, with its secret, which nobody will see again."""

    token: ApiToken
    secret: str = field(repr=False)


class ApiTokenService:
    """Issues, reads, lists and revokes API tokens."""

    def __init__(
        self, *, database: Database, users: UserStore, api_tokens: ApiTokenStore, audit: Audit, clock: Clock
    ) -> None:
        self._database = database
        self._users = users
        self._api_tokens = api_tokens
        self._audit = audit
        self._clock = clock

    async def create(
        self,
        identity: Identity,
        *,
        name: str,
        scopes: Sequence[str],
        expires_at: datetime | None,
        user_id: int | None = None,
    ) -> NewApiToken:
        """Issue a token for the caller or, by an administrator, for a Contribuyente whom they created.

        Raises ScopeNotAllowed, InvalidInput (name, time), UserNotFound. Audited as CREATE_API_TOKEN.
        """
        now = self._clock.now()
        name = _checked_name(name)
        if expires_at is not None and expires_at <= now:
            raise InvalidInput(fields={"expires_at": "Debe ser una fecha futura."})
        secret = API_TOKEN_PREFIX + new_secret()
        async with self._database.transaction() as tx:
            owner = await self._owner(tx, identity, user_id)
            token = await self._api_tokens.insert(
                tx,
                user_id=owner.id,
                name=name,
                scopes=_checked_scopes(owner.role, scopes),
                hint=secret[-_HINT_CHARS:],
                token_hash=fingerprint(secret),
                now=now,
                created_by=identity.user_id,
                expires_at=expires_at,
            )
            await self._audit.record(
                tx,
                AuditAction.CREATE_API_TOKEN,
                actor=identity.actor,
                target_type="api_tokens",
                target_id=str(token.id),
                after={
                    "id_usuario": owner.id,
                    "nombre": token.name,
                    "alcances": list(token.scopes),
                    "vence": expires_at,
                },
            )
        return NewApiToken(token, secret)

    async def identify(self, secret: str, *, ip: str | None) -> Identity:
        """Answer on whose behalf this token acts, as the database says now; raises TokenRejected."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            found = await self._api_tokens.by_hash(tx, fingerprint(secret), now)
            if found is None or not found[1].is_active:
                raise TokenRejected
            token, user = found
            if token.last_used_at is None or now - token.last_used_at >= _TOUCH_EVERY:
                await self._api_tokens.touch(tx, token.id, now)
        return Identity.of(user, ip=ip, scopes=frozenset(token.scopes))

    async def of(self, identity: Identity) -> Sequence[ApiToken]:
        """Answer the caller's tokens that are not revoked, then those they issued for others."""
        async with self._database.transaction() as tx:
            own = await self._api_tokens.of_user(tx, identity.user_id)
            return [*own, *await self._api_tokens.issued_by(tx, identity.user_id)]

    async def revoke(self, identity: Identity, token_id: UUID) -> None:
        """Revoke a token the caller owns or issued; raises ApiTokenNotFound, for another's too."""
        async with self._database.transaction() as tx:
            name = await self._api_tokens.revoke(tx, token_id, self._clock.now(), by=identity.user_id)
            if name is None:
                raise ApiTokenNotFound
            await self._audit.record(
                tx,
                AuditAction.REVOKE_API_TOKEN,
                actor=identity.actor,
                target_type="api_tokens",
                target_id=str(token_id),
                before={"nombre": name},
            )

    async def _owner(self, tx: Transaction, identity: Identity, user_id: int | None) -> User:
        user = await self._users.by_id(tx, identity.user_id if user_id is None else user_id)
        if user is None:
            raise UserNotFound
        if user.id == identity.user_id:
            return user
        may = identity.may(Right.USERS_MANAGE) and user.role is Role.CONTRIBUYENTE
        if not may or user.created_by != identity.user_id:
            raise UserNotFound
        return user


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= _MAX_NAME_CHARS:
        raise InvalidInput(fields={"name": f"Escribe un nombre de 1 a {_MAX_NAME_CHARS} caracteres."})
    return name


def _checked_scopes(role: Role, scopes: Sequence[str]) -> list[str]:
    allowed = [right.value for right in scopes_for(role)]
    unknown = sorted(set(scopes) - set(allowed))
    if unknown or not scopes:
        told = ", ".join(unknown) or "ninguno elegido"
        raise ScopeNotAllowed(scopes=told, fields={"scopes": f"Elige entre: {', '.join(allowed)}."})
    return [scope for scope in allowed if scope in scopes]
