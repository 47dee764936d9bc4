"""What people do with taxpayers and their e.firmas: load, look, remove, share; and the one way to the key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from acuse.kernel.audit import Actor, AuditAction
from acuse.kernel.database import Transaction
from acuse.mx.certificates import Efirma, SatCertificate, check_efirma, open_efirma
from acuse.mx.contribuyentes.errors import (
    AccessLevelTooLow,
    ContribuyenteOwned,
    EfirmaMissing,
    EfirmaNotFound,
)
from acuse.mx.contribuyentes.events import EfirmaChanged
from acuse.mx.contribuyentes.model import (
    AccessLevel,
    Caller,
    Contribuyente,
    EfirmaStatus,
    actor_of,
    certificate_key,
    sealed_key_key,
)
from acuse.mx.contribuyentes.service.register import Register
from acuse.mx.contribuyentes.tables import EfirmaRow
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair

_TABLE, _COLUMN = "efirmas", "sealed_key"


class ContribuyentesService(Register):
    """The taxpayers we serve. A caller is an identity from the web or, for the machine's owner, an actor without id."""

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

        The first to load a valid e.firma owns its RFC; later only an owner may replace it. Accesses given by somebody
        who only wrote the RFC down end when somebody else proves it to be theirs. With `rfc` the files must
        be this taxpayer's. `owner_id` names the owner when the machine's owner loads it for somebody.
        Raises the InvalidInput errors of `mx.certificates` and `pki`, ContribuyenteOwned or AccessLevelTooLow.
        """
        opened = await self._opened(cer, key, password, rfc)
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            now = self._clock.now()
            certificate = opened.certificate
            row, is_new = await self._store.add_or_lock(tx, certificate.rfc, certificate.holder_name, now)
            ended = await self._claim(tx, row.id, certificate.rfc, actor, owner_id)
            known_as = await self._store.name_on_efirma(tx, row.id)
            before = await self._store.retire_efirma(tx, row.id, now)
            await self._put(tx, row.id, opened, actor)
            if row.name in {"", known_as}:
                await self._store.change(tx, row.id, name=certificate.holder_name)
            await self._events.publish(tx, EfirmaChanged(row.id), lock=f"efirma:{row.id}")
            told = await self._store.find(tx, actor.id, certificate.rfc, now)
            if is_new:
                await self._record(tx, AuditAction.CREATE_TAXPAYER, actor, "contribuyente", certificate.rfc)
            for user_id in ended:
                told_before = {"id_usuario": user_id, "motivo": "otro usuario probó ser el dueño con la e.firma"}
                await self._record(
                    tx, AuditAction.REVOKE_ACCESS, actor, "contribuyente", certificate.rfc, before=told_before
                )
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

    async def try_efirma(
        self, caller: Caller, cer: bytes, key: bytes, password: bytes | str | None, *, rfc: str | Rfc | None = None
    ) -> str | None:
        """Check what `upload_efirma` would check and change nothing; answer the number of the one it would replace."""
        opened = await self._opened(cer, key, password, rfc)
        async with self._database.transaction() as tx:
            found = await self._store.find(tx, None, opened.certificate.rfc, self._clock.now())
            if found is None:
                return None
            await self._takes_over(tx, found.id, found.rfc, actor_of(caller).id)
        return None if found.efirma is None else found.efirma.number

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
            found = await self.require(tx, caller, rfc, AccessLevel.DUENO)
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
            if found is None:
                raise EfirmaMissing(rfc=str(rfc))
            row, pair = await self.pair(tx, found)
            check_efirma(SatCertificate.load(row.certificate), at=now)
            await self._record(
                tx,
                AuditAction.USE_CREDENTIAL,
                actor,
                "efirma",
                found.rfc,
                after={"numero_serie": row.number, "motivo": reason},
            )
        return pair

    async def pair(self, tx: Transaction, found: Contribuyente) -> tuple[EfirmaRow, KeyPair]:
        """Take the e.firma in use out of the vault. Whoever calls this writes the audit. Raises EfirmaMissing."""
        row = await self._store.active_efirma(tx, found.id)
        if row is None or row.sealed_key is None:
            raise EfirmaMissing(rfc=str(found.rfc))
        plain = self._vault.open(row.sealed_key, table=_TABLE, column=_COLUMN, row=str(row.id))
        return row, KeyPair.reopen(row.certificate, plain)

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

    async def renew_copies(self) -> None:
        """Have every sealed copy in the storage written anew: the envelopes in the database have changed."""
        async with self._database.transaction() as tx:
            for contribuyente_id in await self._store.with_efirma(tx):
                lock = f"efirma:{contribuyente_id}"
                await self._events.publish(tx, EfirmaChanged(contribuyente_id), lock=lock, once=lock)

    async def _opened(self, cer: bytes, key: bytes, password: bytes | str | None, rfc: str | Rfc | None) -> Efirma:
        expected = Rfc.parse(str(rfc)) if rfc else None
        return await asyncio.to_thread(
            open_efirma, cer, key, password, at=self._clock.now(), expected=expected, issuers=self._issuers
        )

    async def _claim(
        self, tx: Transaction, contribuyente_id: int, rfc: Rfc, actor: Actor, owner_id: int | None
    ) -> Sequence[int]:
        """Make the uploader the owner of an RFC that has none; refuse whoever is not its owner.

        Answers the users whose access ends: while no e.firma ever was here, nothing proves that they are of this RFC.
        """
        candidate = actor.id if actor.id is not None else owner_id
        ended: Sequence[int] = ()
        if await self._takes_over(tx, contribuyente_id, rfc, actor.id):
            ended = [user for user in await self._store.revoke_all(tx, contribuyente_id) if user != candidate]
        if candidate is not None and not await self._store.has_owner(tx, contribuyente_id):
            await self._store.grant(tx, contribuyente_id, candidate, AccessLevel.DUENO, self._clock.now())
        return ended

    async def _takes_over(self, tx: Transaction, contribuyente_id: int, rfc: Rfc, user_id: int | None) -> bool:
        """Answer whether this user takes an unproven RFC from others. Raises ContribuyenteOwned, AccessLevelTooLow."""
        if user_id is None or not await self._store.has_owner(tx, contribuyente_id):
            return False
        level = await self._store.level_of(tx, contribuyente_id, user_id)
        if level is AccessLevel.DUENO:
            return False
        if not await self._store.had_efirma(tx, contribuyente_id):
            return True
        if level is None:
            raise ContribuyenteOwned(rfc=str(rfc))
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
