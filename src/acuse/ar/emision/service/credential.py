"""The company's credential for ARCA's web services: checked, sealed, used only here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from acuse.ar.certificates.company import company_of
from acuse.ar.crs.model import ZONE
from acuse.ar.emision import store
from acuse.ar.emision.errors import CredentialMissing, CredentialNotFound, CredentialNotInForce
from acuse.ar.emision.model import Credential
from acuse.kernel.audit import SYSTEM, Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.vault import Vault
from acuse.pki import names
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair

_TABLE: Final = "crs_arca_credencial"
_COLUMN: Final = "sealed_key"
_ROW: Final = "1"


@dataclass(frozen=True)
class Opened:
    """The credential opened for one use."""

    cuit: str
    pair: KeyPair


class CredentialService:
    """One credential for the installation; its key lies in the vault."""

    def __init__(self, *, database: Database, vault: Vault, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock

    async def get(self) -> Credential | None:
        """Answer what is known of the credential, without its key."""
        async with self._database.transaction() as tx:
            row = await store.credential(tx)
        return None if row is None else _credential(row.cuit, Certificate(row.certificate), row.uploaded_at)

    async def put(self, actor: Actor, certificate: bytes, key: bytes, password: str = "") -> Credential:
        """Check a pair and seal it in place of the one there is. Audited as UPLOAD_CREDENTIAL.

        Raises NotACertificate, NotACompanyCertificate, CredentialNotInForce, KeyDoesNotMatch and the errors of keys.
        """
        pair = await asyncio.to_thread(KeyPair.open, certificate, key, password or None)
        cuit, now = company_of(pair.certificate), self._clock.now()
        if not pair.certificate.is_valid_at(now):
            raise CredentialNotInForce(until=pair.certificate.not_after.astimezone(ZONE).strftime("%d/%m/%Y"))
        sealed = self._vault.seal(pair.private_key.to_der(), table=_TABLE, column=_COLUMN, row=_ROW)
        found = _credential(cuit, pair.certificate, now)
        async with self._database.transaction() as tx:
            await store.remove_credential(tx)
            await store.keep_credential(
                tx, cuit=cuit, certificate=pair.certificate.der, sealed_key=sealed, uploaded_at=now
            )
            after = {"cuit": cuit, "alias": found.alias, "serie": found.serial, "vence": found.not_after}
            await self._record(tx, AuditAction.UPLOAD_CREDENTIAL, actor, after)
        return found

    async def remove(self, actor: Actor) -> None:
        """Remove the credential and its tickets. Audited as DELETE_CREDENTIAL. Raises CredentialNotFound."""
        async with self._database.transaction() as tx:
            row = await store.credential(tx)
            if row is None:
                raise CredentialNotFound
            await store.remove_credential(tx)
            await self._record(tx, AuditAction.DELETE_CREDENTIAL, actor, {"cuit": row.cuit})

    async def cuit(self) -> str:
        """Answer whose credential it is. Raises CredentialMissing."""
        async with self._database.transaction() as tx:
            row = await store.credential(tx)
        if row is None:
            raise CredentialMissing
        return row.cuit

    async def open(self, reason: str) -> Opened:
        """Open the key for one login. Audited as USE_CREDENTIAL. Raises CredentialMissing and VaultError."""
        async with self._database.transaction() as tx:
            row = await store.credential(tx)
            if row is None:
                raise CredentialMissing
            plain = self._vault.open(row.sealed_key, table=_TABLE, column=_COLUMN, row=_ROW)
            pair = KeyPair.reopen(row.certificate, plain)
            await self._record(tx, AuditAction.USE_CREDENTIAL, SYSTEM, {"cuit": row.cuit, "motivo": reason})
        return Opened(row.cuit, pair)

    async def _record(self, tx: Transaction, action: AuditAction, actor: Actor, after: dict[str, object]) -> None:
        await self._audit.record(
            tx, action, actor=actor, target_type="credenciales", target_id=f"arca:{after['cuit']}", after=after
        )


def _credential(cuit: str, certificate: Certificate, uploaded_at: datetime) -> Credential:
    return Credential(
        cuit=cuit,
        alias=certificate.subject.get(names.COMMON_NAME) or "",
        serial=f"{certificate.serial_number:X}",
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        uploaded_at=uploaded_at,
    )
