"""An e.firma taken out as PEM: for its owner only, who proves again who they are. The key leaves encrypted."""

from __future__ import annotations

import asyncio

from acuse.accounts.errors import CredentialsInvalid
from acuse.accounts.rights import Identity
from acuse.accounts.service import LoginService
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.database import Database
from acuse.mx.contribuyentes.errors import AccountPasswordWrong, PemPasswordWeak
from acuse.mx.contribuyentes.model import PEM_PASSWORD_CHARS, AccessLevel, Caller, PemFiles, actor_of
from acuse.mx.contribuyentes.service.taxpayers import ContribuyentesService
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate


class PemExports:
    """Exports e.firmas. Every export is audited as EXPORT_CREDENTIAL."""

    def __init__(
        self, *, database: Database, contribuyentes: ContribuyentesService, login: LoginService, audit: Audit
    ) -> None:
        self._database = database
        self._contribuyentes = contribuyentes
        self._login = login
        self._audit = audit

    async def export(self, caller: Identity, rfc: str | Rfc, *, account_password: str, password: str) -> PemFiles:
        """Answer the e.firma in use, its key encrypted under `password`.

        Raises ContribuyenteNotFound, AccessLevelTooLow, PemPasswordWeak, AccountPasswordWrong, EfirmaMissing.
        """
        await self._contribuyentes.require_access(caller, rfc, AccessLevel.DUENO)
        _check(password)
        try:
            await self._login.check(caller.tax_id, account_password, ip=caller.ip)
        except CredentialsInvalid as error:
            fields = {"password_cuenta": "No es la contraseña de tu cuenta."}
            raise AccountPasswordWrong(fields=fields) from error
        return await self._export(caller, rfc, password)

    async def export_as_owner(self, actor: Actor, rfc: str | Rfc, password: str) -> PemFiles:
        """Do the same for the owner of the machine, who needs no account."""
        _check(password)
        return await self._export(actor, rfc, password)

    async def _export(self, caller: Caller, rfc: str | Rfc, password: str) -> PemFiles:
        async with self._database.transaction() as tx:
            found = await self._contribuyentes.require(tx, caller, rfc, AccessLevel.DUENO)
            row, pair = await self._contribuyentes.pair(tx, found)
            key = await asyncio.to_thread(pair.private_key.to_encrypted_pem, password)
            await self._audit.record(
                tx,
                AuditAction.EXPORT_CREDENTIAL,
                actor=actor_of(caller),
                target_type="efirma",
                target_id=str(found.rfc),
                after={"numero_serie": row.number, "formato": "PEM"},
            )
        return PemFiles(rfc=found.rfc, number=row.number, certificate=Certificate(row.certificate).pem, key=key)


def _check(password: str) -> None:
    least, most = PEM_PASSWORD_CHARS
    if not least <= len(password) <= most:
        raise PemPasswordWeak(
            least=least, most=most, fields={"password_pem": f"Debe tener de {least} a {most} caracteres."}
        )
