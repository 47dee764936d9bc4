"""Takes over users, devices, certificates and downloads of another program: looked at first, then done in batches.

A row is known by its natural key and taken once, so that a broken import is finished by repeating it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from acuse.accounts.service import PeopleImport
from acuse.ar.crs.errors import (
    CertificadoIdTaken,
    CertificadoUnknown,
    CertificateKnown,
    DescargaDiffers,
    ImportedFileMissing,
    ImportedUserUnknown,
)
from acuse.ar.crs.model import ZONE, Certificado, EstadoDescarga, Step, log_entry
from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.service.catalogue import CatalogueService
from acuse.ar.crs.service.imported import (
    COLUMNS,
    ImportedDescarga,
    Kind,
    certificado_of,
    controlador_of,
    descarga_of,
    user_of,
)
from acuse.ar.crs.service.unpacking import FILE_MAX_BYTES
from acuse.ar.crs.store import catalogue, days, downloads, quotas
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import Conflict, InvalidInput, NotFound
from acuse.kernel.handed_in import Cells, Fate, ImportReport, RowFate, Table

BATCH: Final = 500


@dataclass
class _Turn:
    """One pass over rows in one transaction: who acts (nobody in a look), where the table lies, what counters owe.

    `first` is the day of the oldest download taken.
    """

    tx: Transaction
    actor: Actor | None
    folder: Path
    moves: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    first: date = date.max


class Importer:
    """One method that looks and one that does; both walk the same way, so that looking promises what doing keeps."""

    def __init__(
        self,
        *,
        database: Database,
        people: PeopleImport,
        certificates: CatalogueService,
        alerts: Alerts,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._people = people
        self._certificates = certificates
        self._alerts = alerts
        self._audit = audit
        self._clock = clock
        self._takers: dict[Kind, Callable[[_Turn, Cells], Awaitable[bool]]] = {
            Kind.USUARIOS: self._user,
            Kind.CONTROLADORES: self._controlador,
            Kind.CERTIFICADOS: self._certificado,
            Kind.DESCARGAS: self._descarga,
        }

    async def look(self, tables: Sequence[tuple[Kind, Table]]) -> Sequence[ImportReport]:
        """Answer what would become of every row: all of it done in one transaction, and undone."""
        reports = []
        async with self._database.transaction() as tx:
            for kind, table in tables:
                fates = await self._rows(_Turn(tx, None, table.path.parent), kind, table.rows)
                reports.append(ImportReport(what=kind, file=table.path.name, rows=fates))
            await tx.rollback()
        return reports

    async def do(self, tables: Sequence[tuple[Kind, Table]], *, actor: Actor) -> Sequence[ImportReport]:
        """Take the good rows, a batch to a transaction; answer what became of each. Audited as IMPORT_DATA."""
        reports = []
        for kind, table in tables:
            fates: list[RowFate] = []
            left = iter(table.rows)
            while batch := list(islice(left, BATCH)):
                async with self._database.transaction() as tx:
                    turn = _Turn(tx, actor, table.path.parent)
                    fates += await self._rows(turn, kind, batch)
            report = ImportReport(what=kind, file=table.path.name, rows=fates)
            await self._write_down(report, table, actor)
            reports.append(report)
        return reports

    async def _rows(self, turn: _Turn, kind: Kind, rows: Sequence[Cells]) -> list[RowFate]:
        take, key = self._takers[kind], COLUMNS[kind].key
        fates = []
        for cells in rows:
            name = cells.text(key, "—")
            try:
                fate = Fate.NEW if await take(turn, cells) else Fate.SAME
            except (InvalidInput, Conflict, NotFound) as fault:
                fates.append(RowFate(cells.number, name, Fate.REFUSED, fault))
            else:
                fates.append(RowFate(cells.number, name, fate))
        if turn.actor is not None:  # a look promises rows, and must not make those wait who download meanwhile
            await self._move_counters(turn)
            if turn.first < date.max:
                await days.forget_since(turn.tx, turn.first)
        return fates

    async def _user(self, turn: _Turn, cells: Cells) -> bool:
        return await self._people.take(turn.tx, user_of(cells), actor=turn.actor)

    async def _controlador(self, turn: _Turn, cells: Cells) -> bool:
        found = controlador_of(cells)
        since = found.created_at or self._clock.now()
        return await catalogue.add_controlador(turn.tx, found.controlador, since, estado=found.estado)

    async def _certificado(self, turn: _Turn, cells: Cells) -> bool:
        wanted = certificado_of(cells, turn.folder)
        checked = await self._certificates.check(_content(wanted.file), at=None, expected=wanted.controlador)
        if wanted.id is not None:
            there = await catalogue.get(turn.tx, wanted.id, None)
            if there is not None and there.fingerprint != checked.bundle.certificate.sha256:
                raise CertificadoIdTaken
        if turn.actor is not None:
            await self._certificates.keep(checked)
        try:
            await self._certificates.write(
                turn.tx,
                checked,
                actor=turn.actor,
                nombre=wanted.nombre,
                certificate_id=wanted.id or uuid4(),
                created_at=wanted.created_at or self._clock.now(),
            )
        except CertificateKnown:
            return False
        return True

    async def _descarga(self, turn: _Turn, cells: Cells) -> bool:
        now = self._clock.now()
        wanted = descarga_of(cells, now)
        user_id = await self._people.id_of(turn.tx, wanted.tax_id)
        if user_id is None:
            raise ImportedUserUnknown(cuit=wanted.tax_id)
        there = await downloads.get(turn.tx, wanted.id)
        if there is not None:
            if (there.id_usuario, there.fecha) != (user_id, wanted.fecha):
                raise DescargaDiffers
            return False
        found = await self._certificate_of(turn.tx, wanted)
        pending = wanted.estado is EstadoDescarga.PENDIENTE
        await downloads.add(
            turn.tx,
            id_descarga=wanted.id,
            id_usuario=user_id,
            id_certificado=found.id,
            controlador_id=found.controlador_id,
            certificado_nombre=found.nombre,
            fecha=wanted.fecha,
            estado=wanted.estado,
            logs=[
                log_entry(wanted.fecha, Step.INIT, "Descarga iniciada"),
                log_entry(now, Step.READY, "Importada de otro programa"),
            ],
            checksum=found.checksum,
            size_bytes=found.size_bytes,
            ip_origen=wanted.ip_origen,
            deliveries=0,
            precio=wanted.precio and wanted.precio.amount,
            moneda=wanted.precio and wanted.precio.currency,
            created_at=now,
            updated_at=now,
        )
        turn.first = min(turn.first, wanted.fecha.astimezone(ZONE).date())
        move = turn.moves[user_id]
        move[0] += int(pending)
        move[1] += 1
        return True

    async def _certificate_of(self, tx: Transaction, wanted: ImportedDescarga) -> Certificado:
        """Find the certificate by its id, else the one the device had on that day."""
        found = None
        if wanted.certificate_id is not None:
            found = await catalogue.get(tx, wanted.certificate_id, None)
        if found is None and wanted.controlador is not None:
            found = await catalogue.of_device(tx, str(wanted.controlador), wanted.fecha)
        if found is None:
            raise CertificadoUnknown(certificado=wanted.certificate_id or wanted.controlador)
        return found

    async def _move_counters(self, turn: _Turn) -> None:
        """Count the batch's downloads toward their users' limits, with the alert that may be worth."""
        for user_id in sorted(turn.moves):
            await quotas.ensure(turn.tx, user_id)
        await quotas.lock_all(turn.tx, sorted(turn.moves))
        for user_id in sorted(turn.moves):
            pending, total = turn.moves[user_id]
            row = await quotas.get(turn.tx, user_id)
            assert row is not None
            level = quotas.as_quota(row).level
            turn.tx.expunge(row)
            after = await quotas.move(turn.tx, user_id, pending, more=total)
            await self._alerts.moved(turn.tx, level, after)

    async def _write_down(self, report: ImportReport, table: Table, actor: Actor) -> None:
        after: dict[str, Any] = {"archivo": table.path.name, "sha256": table.sha256}
        after |= {fate.value: report.count(fate) for fate in Fate}
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx, AuditAction.IMPORT_DATA, actor=actor, target_type=report.what, target_id="", after=after
            )


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size <= FILE_MAX_BYTES:
            return file.read_bytes()
    except OSError as error:
        raise ImportedFileMissing(file=str(file)) from error
    raise ImportedFileMissing(file=str(file))
