"""Who comes through the door: the taxpayers a caller may see, and the question whether they may act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.vault import Vault
from acuse.mx.contribuyentes.errors import AccessLevelTooLow, ContribuyenteNotFound
from acuse.mx.contribuyentes.model import AccessLevel, Caller, Contribuyente, actor_of
from acuse.mx.contribuyentes.store import ContribuyentesStore
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate


class Door:
    """The taxpayers as each caller sees them."""

    def __init__(
        self,
        *,
        database: Database,
        store: ContribuyentesStore,
        vault: Vault,
        files: Files,
        events: Events,
        audit: Audit,
        clock: Clock,
        issuers: Sequence[Certificate] = (),
    ) -> None:
        self._database = database
        self._store = store
        self._vault = vault
        self._files = files
        self._events = events
        self._audit = audit
        self._clock = clock
        self._issuers = issuers

    async def visible_to(self, caller: Caller) -> list[Contribuyente]:
        """Answer the taxpayers the caller has access to, by RFC."""
        async with self._database.transaction() as tx:
            return await self.visible(tx, caller)

    async def visible(self, tx: Transaction, caller: Caller) -> list[Contribuyente]:
        """Answer them in the caller's transaction."""
        return await self._store.visible(tx, actor_of(caller).id, self._clock.now())

    async def require_access(
        self, caller: Caller, rfc: str | Rfc, level: AccessLevel = AccessLevel.LECTURA
    ) -> Contribuyente:
        """Answer the taxpayer if the caller may act on it at this level.

        Raises InvalidRfc, ContribuyenteNotFound (no access at all) or AccessLevelTooLow.
        """
        async with self._database.transaction() as tx:
            return await self.require(tx, caller, rfc, level)

    async def get(self, contribuyente_id: int) -> Contribuyente:
        """Answer a taxpayer by its id, for background work. Raises ContribuyenteNotFound."""
        async with self._database.transaction() as tx:
            found = await self._store.by_id(tx, contribuyente_id, self._clock.now())
        if found is None:
            raise ContribuyenteNotFound(rfc="")
        return found

    async def require(self, tx: Transaction, caller: Caller, rfc: str | Rfc, level: AccessLevel) -> Contribuyente:
        """Answer the taxpayer in the caller's transaction, as `require_access` does."""
        parsed = Rfc.parse(str(rfc))
        found = await self._store.find(tx, actor_of(caller).id, parsed, self._clock.now())
        if found is None:
            raise ContribuyenteNotFound(rfc=str(parsed))
        if not found.level.covers(level):
            raise AccessLevelTooLow(rfc=str(parsed), level=found.level.value, needed=level.value)
        return found

    async def _record(
        self,
        tx: Transaction,
        action: AuditAction,
        actor: Actor,
        target_type: str,
        rfc: Rfc,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        await self._audit.record(
            tx, action, actor=actor, target_type=target_type, target_id=str(rfc), before=before, after=after
        )
