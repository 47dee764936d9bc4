"""Looking at one's open sessions and ending them; sweeping up what is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from acuse.accounts.errors import SessionNotFound
from acuse.accounts.model import Session
from acuse.accounts.rights import Identity
from acuse.accounts.service.gate import Gate
from acuse.accounts.service.recovery import RecoveryService
from acuse.accounts.store import ApiTokenStore, SessionStore
from acuse.kernel.audit import Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database

_KEEP: Final = timedelta(days=30)


class SessionService:
    """The open sessions of a person, of browsers and of programs alike."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: SessionStore,
        api_tokens: ApiTokenStore,
        recovery: RecoveryService,
        gate: Gate,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._api_tokens = api_tokens
        self._recovery = recovery
        self._gate = gate
        self._audit = audit
        self._clock = clock

    async def open_of(self, identity: Identity) -> Sequence[Session]:
        """Answer the caller's open sessions, the latest used first."""
        async with self._database.transaction() as tx:
            return await self._sessions.open_of(tx, identity.user_id, self._clock.now())

    async def end(self, identity: Identity, session_id: UUID) -> None:
        """End one of the caller's sessions at once; raises SessionNotFound, for another's too."""
        async with self._database.transaction() as tx:
            if not await self._sessions.revoke(tx, session_id, self._clock.now(), user_id=identity.user_id):
                raise SessionNotFound
            await self._audit.record(
                tx,
                AuditAction.END_SESSION,
                actor=identity.actor,
                target_type="sesiones",
                target_id=str(session_id),
            )

    async def end_others(self, identity: Identity) -> int:
        """End all of the caller's sessions but the present one; answer how many."""
        async with self._database.transaction() as tx:
            ended = await self._sessions.revoke_all(tx, identity.user_id, self._clock.now(), keep=identity.session_id)
            if ended:
                await self._audit.record(
                    tx,
                    AuditAction.END_SESSION,
                    actor=identity.actor,
                    target_type="users",
                    target_id=str(identity.user_id),
                    after={"cerradas": ended},
                )
        return ended

    async def prune(self) -> None:
        """Delete sessions and tokens that ended over thirty days ago, and counters that ran out."""
        before = self._clock.now() - _KEEP
        async with self._database.transaction() as tx:
            await self._sessions.prune(tx, before)
            await self._api_tokens.prune(tx, before)
            await self._recovery.prune(tx)
        await self._gate.prune()
