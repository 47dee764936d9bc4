"""What people do with taxpayers and their e.firmas: load, look, remove, share; and the one way to the key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.vault import Vault
from acuse.mx.certificates import Efirma, SatCertificate, check_efirma, open_efirma
from acuse.mx.contribuyentes.errors import (
    AccessLevelTooLow,
    ContribuyenteNotFound,
    ContribuyenteOwned,
    EfirmaMissing,
    EfirmaNotFound,
    LastOwner,
)
from acuse.mx.contribuyentes.events import EfirmaChanged
from acuse.mx.contribuyentes.model import (
    Acceso,
    AccessLevel,
    Caller,
    Contribuyente,
    EfirmaStatus,
    actor_of,
    certificate_key,
    sealed_key_key,
)
from acuse.mx.contribuyentes.store import ContribuyentesStore
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair

_TABLE, _COLUMN = "efirmas", "sealed_key"


class ContribuyentesService:
    """The taxpayers we serve. A caller is an identity from the web or, for the machine's owner, an actor without id."""

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
            return await self._store.visible(tx, actor_of(caller).id, self._clock.now())

    async def require_access(
        self, caller: Caller, rfc: str | Rfc, level: AccessLevel = AccessLevel.LECTURA
    ) -> Contribuyente:
        """Answer the taxpayer if the caller may act on it at this level.

        Raises InvalidRfc, ContribuyenteNotFound (no access at all) or AccessLevelTooLow.
        """
        async with self._database.transaction() as tx:
            return await self._require(tx, caller, rfc, level)

    async def get(self, contribuyente_id: int) -> Contribuyente:
        """Answer a taxpayer by its id, for background work. Raises ContribuyenteNotFound."""
        async with self._database.transaction() as tx:
            found = await self._store.by_id(tx, contribuyente_id, self._clock.now())
        if found is None:
            raise ContribuyenteNotFound(rfc="")
        return found

    async def upload_efirma(
        self,
        caller: Caller,
        cer: bytes,
        key: bytes,
        password: bytes | str | None,
        *,
        rfc: str | Rfc | None = None,
        owner_id: int | None = None,
    ) -> Contribuyente:
        """Check an e.firma, seal its key and put it into use in place of the one before.

        The first to load a valid e.firma owns its RFC; later only an owner may replace it. With `rfc` the files must
        be this taxpayer's. `owner_id` names the owner when the machine's owner loads it for somebody.
        Raises the InvalidInput errors of `mx.certificates` and `pki`, ContribuyenteOwned or AccessLevelTooLow.
        """
        expected = Rfc.parse(str(rfc)) if rfc else None
        opened = await asyncio.to_thread(
            open_efirma, cer, key, password, at=self._clock.now(), expected=expected, issuers=self._issuers
        )
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            now = self._clock.now()
            certificate = opened.certificate
            row, is_new = await self._store.add_or_lock(tx, certificate.rfc, certificate.holder_name, now)
            await self._claim(tx, row.id, certificate.rfc, actor, owner_id)
            before = await self._store.retire_efirma(tx, row.id, now)
            await self._put(tx, row.id, opened, actor)
            await self._store.rename(tx, row.id, certificate.holder_name)
            await self._events.publish(tx, EfirmaChanged(row.id), lock=f"efirma:{row.id}")
            told = await self._store.find(tx, actor.id, certificate.rfc, now)
            if is_new:
                await self._record(tx, AuditAction.CREATE_TAXPAYER, actor, "contribuyente", certificate.rfc)
            await self._record(
                tx,
                AuditAction.UPLOAD_CREDENTIAL,
                actor,
                "efirma",
                certificate.rfc,
                before=None if before is None else {"numero_serie": before},
                after={"numero_serie": certificate.number, "vigente_hasta": certificate.not_after},
            )
        assert told is not None
        return told

    async def efirma(self, caller: Caller, rfc: str | Rfc) -> EfirmaStatus:
        """Answer how the taxpayer's e.firma stands. Raises EfirmaNotFound when there is none."""
        found = await self.require_access(caller, rfc)
        if found.efirma is None:
            raise EfirmaNotFound(rfc=str(found.rfc))
        return found.efirma

    async def delete_efirma(self, caller: Caller, rfc: str | Rfc) -> None:
        """Destroy the sealed key of the e.firma in use; its certificate stays as history. Owners only."""
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            found = await self._require(tx, caller, rfc, AccessLevel.DUENO)
            await self._store.lock(tx, found.id)
            number = await self._store.retire_efirma(tx, found.id, self._clock.now())
            if number is None:
                raise EfirmaNotFound(rfc=str(found.rfc))
            await self._events.publish(tx, EfirmaChanged(found.id), lock=f"efirma:{found.id}")
            await self._record(
                tx, AuditAction.DELETE_CREDENTIAL, actor, "efirma", found.rfc, before={"numero_serie": number}
            )

    async def unlock(self, rfc: str | Rfc, *, reason: str, actor: Actor) -> KeyPair:
        """Open the taxpayer's e.firma for signing: the only way to the key, and every use is audited.

        Whether the actor may do so is the caller's to ask first (`require_access`). Let go of the pair soon.
        Raises EfirmaMissing, EfirmaExpired, VaultError.
        """
        async with self._database.transaction() as tx:
            now = self._clock.now()
            found = await self._store.find(tx, None, Rfc.parse(str(rfc)), now)
            row = None if found is None else await self._store.active_efirma(tx, found.id)
            if found is None or row is None or row.sealed_key is None:
                raise EfirmaMissing(rfc=str(rfc))
            check_efirma(SatCertificate.load(row.certificate), at=now)
            plain = self._vault.open(row.sealed_key, table=_TABLE, column=_COLUMN, row=str(row.id))
            pair = KeyPair.reopen(row.certificate, plain)
            await self._record(
                tx,
                AuditAction.USE_CREDENTIAL,
                actor,
                "efirma",
                found.rfc,
                after={"numero_serie": row.number, "motivo": reason},
            )
        return pair

    async def write_copies(self, contribuyente_id: int) -> None:
        """Bring the storage in step with the database: certificates in clear, the key in use sealed, no other key."""
        async with self._database.transaction() as tx:
            found = await self._store.by_id(tx, contribuyente_id, self._clock.now())
            rows = [] if found is None else await self._store.efirmas(tx, contribuyente_id)
        if found is None:
            return
        for row in sorted(rows, key=lambda row: row.active):  # the one in use last: it has the final word
            certificate = Certificate(row.certificate)
            await self._files.put(certificate_key(str(found.rfc), row.number), certificate.pem.encode("ascii"))
            sealed = sealed_key_key(str(found.rfc), row.number)
            if row.sealed_key is not None:
                await self._files.put(sealed, row.sealed_key)
            elif await self._files.exists(sealed):
                await self._files.delete(sealed)

    async def accesos(self, caller: Caller, rfc: str | Rfc) -> list[Acceso]:
        """Answer who has access to the taxpayer. Owners only."""
        async with self._database.transaction() as tx:
            found = await self._require(tx, caller, rfc, AccessLevel.DUENO)
            return await self._store.accesos(tx, found.id)

    async def grant_access(self, caller: Caller, rfc: str | Rfc, user_id: int, level: AccessLevel) -> None:
        """Let a user act for the taxpayer at this level, in place of any access before. Owners only."""
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            found = await self._require(tx, caller, rfc, AccessLevel.DUENO)
            await self._store.lock(tx, found.id)
            before = await self._store.level_of(tx, found.id, user_id)
            if before is AccessLevel.DUENO and level is not AccessLevel.DUENO:
                await self._keep_an_owner(tx, found, user_id)
            await self._store.grant(tx, found.id, user_id, level, self._clock.now())
            await self._record(
                tx,
                AuditAction.GRANT_ACCESS,
                actor,
                "contribuyente",
                found.rfc,
                before=None if before is None else {"id_usuario": user_id, "nivel": before.value},
                after={"id_usuario": user_id, "nivel": level.value},
            )

    async def revoke_access(self, caller: Caller, rfc: str | Rfc, user_id: int) -> None:
        """Take a user's access to the taxpayer away. Owners only; the last owner stays."""
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            found = await self._require(tx, caller, rfc, AccessLevel.DUENO)
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

    async def _require(self, tx: Transaction, caller: Caller, rfc: str | Rfc, level: AccessLevel) -> Contribuyente:
        parsed = Rfc.parse(str(rfc))
        found = await self._store.find(tx, actor_of(caller).id, parsed, self._clock.now())
        if found is None:
            raise ContribuyenteNotFound(rfc=str(parsed))
        if not found.level.covers(level):
            raise AccessLevelTooLow(rfc=str(parsed), level=found.level.value, needed=level.value)
        return found

    async def _claim(
        self, tx: Transaction, contribuyente_id: int, rfc: Rfc, actor: Actor, owner_id: int | None
    ) -> None:
        """Make the uploader the owner of an RFC that has none; refuse whoever is not its owner."""
        candidate = actor.id if actor.id is not None else owner_id
        if not await self._store.has_owner(tx, contribuyente_id):
            if candidate is not None:
                await self._store.grant(tx, contribuyente_id, candidate, AccessLevel.DUENO, self._clock.now())
            return
        if actor.id is None:
            return
        level = await self._store.level_of(tx, contribuyente_id, actor.id)
        if level is None:
            raise ContribuyenteOwned(rfc=str(rfc))
        if level is not AccessLevel.DUENO:
            raise AccessLevelTooLow(rfc=str(rfc), level=level.value, needed=AccessLevel.DUENO.value)

    async def _put(self, tx: Transaction, contribuyente_id: int, opened: Efirma, actor: Actor) -> None:
        """Write the e.firma with its key sealed for exactly this row."""
        certificate = opened.certificate
        fingerprint = certificate.certificate.sha256
        known = await self._store.efirma_id(tx, contribuyente_id, fingerprint)
        row_id = known or uuid4()
        plain = opened.pair.private_key.to_der()
        representative = certificate.representative_rfc
        values: dict[str, Any] = {
            "id": row_id,
            "contribuyente_id": contribuyente_id,
            "fingerprint": fingerprint,
            "number": certificate.number,
            "holder_name": certificate.holder_name,
            "representative_rfc": representative and str(representative),
            "valid_from": certificate.not_before,
            "valid_until": certificate.not_after,
            "certificate": certificate.certificate.der,
            "sealed_key": self._vault.seal(plain, table=_TABLE, column=_COLUMN, row=str(row_id)),
            "active": True,
            "uploaded_at": self._clock.now(),
            "uploaded_by": actor.id,
            "retired_at": None,
        }
        await self._store.put_efirma(tx, values)

    async def _keep_an_owner(self, tx: Transaction, found: Contribuyente, leaving: int) -> None:
        level = await self._store.level_of(tx, found.id, leaving)
        if level is AccessLevel.DUENO and not await self._store.has_owner(tx, found.id, besides=leaving):
            raise LastOwner(rfc=str(found.rfc))

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
