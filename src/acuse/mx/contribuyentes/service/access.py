"""Who may see or act for a taxpayer: give access, change it, take it away; an owner always stays."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.accounts.model import normal_tax_id
from acuse.kernel.audit import AuditAction
from acuse.kernel.database import Transaction
from acuse.mx.contribuyentes.errors import AccesoNotFound, LastOwner
from acuse.mx.contribuyentes.model import Acceso, AccessLevel, Caller, Contribuyente, actor_of
from acuse.mx.contribuyentes.service.door import Door
from acuse.mx.rfc import Rfc


class Access(Door):
    """The users of a taxpayer, from its owner's side."""

    async def accesos(self, caller: Caller, rfc: str | Rfc) -> Sequence[Acceso]:
        """Answer who has access to the taxpayer, oldest first. Owners only."""
        async with self._database.transaction() as tx:
            found = await self.require(tx, caller, rfc, AccessLevel.DUENO)
            return await self._store.accesos(tx, found.id)

    async def acceso(self, caller: Caller, rfc: str | Rfc, user_id: int) -> Acceso:
        """Answer one user's access; everybody may ask for their own. Raises AccesoNotFound."""
        needed = AccessLevel.LECTURA if actor_of(caller).id == user_id else AccessLevel.DUENO
        async with self._database.transaction() as tx:
            found = await self.require(tx, caller, rfc, needed)
            told = next((item for item in await self._store.accesos(tx, found.id) if item.user_id == user_id), None)
        if told is None:
            raise AccesoNotFound(rfc=str(found.rfc), id_usuario=user_id)
        return told

    async def grant_access(self, caller: Caller, rfc: str | Rfc, user_id: int, level: AccessLevel) -> None:
        """Let a user act for the taxpayer at this level, in place of any access before. Owners only.

        Raises UserUnknown, and LastOwner where the only owner would step down.
        """
        async with self._database.transaction() as tx:
            found = await self.require(tx, caller, rfc, AccessLevel.DUENO)
            await self._grant(tx, caller, found, await self._store.user_id(tx, user_id=user_id), level)

    async def invite(self, caller: Caller, rfc: str | Rfc, tax_id: str, level: AccessLevel) -> None:
        """Do the same for the user with this RFC, CUIT or RUC, since people do not know each other's numbers."""
        async with self._database.transaction() as tx:
            found = await self.require(tx, caller, rfc, AccessLevel.DUENO)
            await self._grant(tx, caller, found, await self._store.user_id(tx, tax_id=tax_id), level)

    async def dismiss(self, caller: Caller, rfc: str | Rfc, tax_id: str) -> None:
        """Take away the access of the user with this RFC, CUIT or RUC."""
        wanted = normal_tax_id(tax_id)
        theirs = [item.user_id for item in await self.accesos(caller, rfc) if item.tax_id == wanted]
        if not theirs:
            raise AccesoNotFound(rfc=str(rfc), id_usuario=tax_id[:40])
        await self.revoke_access(caller, rfc, theirs[0])

    async def revoke_access(self, caller: Caller, rfc: str | Rfc, user_id: int) -> None:
        """Take a user's access away. Owners do it for all, anybody for themselves; the last owner stays."""
        actor = actor_of(caller)
        needed = AccessLevel.LECTURA if actor.id == user_id else AccessLevel.DUENO
        async with self._database.transaction() as tx:
            found = await self.require(tx, caller, rfc, needed)
            await self._store.lock(tx, found.id)
            before = await self._store.level_of(tx, found.id, user_id)
            if before is None:
                return
            await self._keep_an_owner(tx, found, user_id)
            await self._store.revoke(tx, found.id, user_id)
            await self._record(
                tx,
                AuditAction.REVOKE_ACCESS,
                actor,
                "contribuyente",
                found.rfc,
                before={"id_usuario": user_id, "nivel": before.value},
            )

    async def _grant(
        self, tx: Transaction, caller: Caller, found: Contribuyente, user_id: int, level: AccessLevel
    ) -> None:
        await self._store.lock(tx, found.id)
        before = await self._store.level_of(tx, found.id, user_id)
        if before is AccessLevel.DUENO and level is not AccessLevel.DUENO:
            await self._keep_an_owner(tx, found, user_id)
        await self._store.grant(tx, found.id, user_id, level, self._clock.now())
        await self._record(
            tx,
            AuditAction.GRANT_ACCESS,
            actor_of(caller),
            "contribuyente",
            found.rfc,
            before=None if before is None else {"id_usuario": user_id, "nivel": before.value},
            after={"id_usuario": user_id, "nivel": level.value},
        )

    async def _keep_an_owner(self, tx: Transaction, found: Contribuyente, leaving: int) -> None:
        level = await self._store.level_of(tx, found.id, leaving)
        if level is AccessLevel.DUENO and not await self._store.has_owner(tx, found.id, besides=leaving):
            raise LastOwner(rfc=str(found.rfc))
