"""An archive taken in here and now from this machine's disk, as the command line does it."""

from __future__ import annotations

from pathlib import Path

from acuse.kernel.audit import Audit, AuditAction
from acuse.kernel.commands import Tell
from acuse.kernel.database import Database
from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.importaciones.model import Report
from acuse.mx.importaciones.service.importing import Importer
from acuse.mx.importaciones.service.sources import Source


class ImportAtDesk:
    """A folder or a file of any size; cut off, the same command takes what is left."""

    def __init__(
        self, *, database: Database, importer: Importer, contribuyentes: ContribuyentesService, audit: Audit
    ) -> None:
        self._database = database
        self._importer = importer
        self._contribuyentes = contribuyentes
        self._audit = audit

    async def take_in(self, caller: Caller, rfc: str, path: Path, *, trial: bool, tell: Tell) -> Report:
        """Take an archive in and answer what was in it. Raises ImportPathMissing, ContribuyenteNotFound."""
        found = await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)

        async def told(done: int, total: int) -> None:
            tell(done, total)

        report = await self._importer.run(found, Source(path), trial=trial, tell=told)
        if not trial and (report.new or report.rows_new):
            async with self._database.transaction() as tx:
                await self._audit.record(
                    tx,
                    AuditAction.IMPORT_ARCHIVE,
                    actor=actor_of(caller),
                    target_type="contribuyente",
                    target_id=str(found.rfc),
                    after={"archivo": path.name, "nuevos": report.new, "metadatos_nuevos": report.rows_new},
                )
        return report
