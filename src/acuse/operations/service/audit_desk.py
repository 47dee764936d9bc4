"""The audit as people use it: read, taken out, held against its checkpoints, and its checkpoints sent away."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from acuse.kernel.audit import (
    SYSTEM,
    Actor,
    Audit,
    AuditAction,
    AuditArchive,
    AuditEntry,
    AuditFilter,
    AuditReport,
    Checkpoint,
    Checkpoints,
    Part,
    reading,
)
from acuse.kernel.csv import CsvExporter, CsvStyle
from acuse.kernel.database import Database
from acuse.notices import Outbox, Template


class AuditDesk:
    """Answers who did what, and whether the answer can be believed."""

    def __init__(
        self,
        *,
        database: Database,
        audit: Audit,
        checkpoints: Checkpoints,
        archive: AuditArchive,
        keep_days: int,
        exporter: CsvExporter,
        outbox: Outbox,
        public_url: str,
    ) -> None:
        self._database = database
        self._audit = audit
        self._checkpoints = checkpoints
        self._archive = archive
        self._keep_days = keep_days
        self._exporter = exporter
        self._outbox = outbox
        self._public_url = public_url.rstrip("/")

    async def page(
        self, wanted: AuditFilter, *, number: int, size: int, below: int | None = None
    ) -> tuple[Sequence[AuditEntry], int]:
        """Answer one page of acts, newest first, and how many the whole list holds."""
        async with self._database.transaction() as tx:
            return await reading.page(tx, wanted, number=number, size=size, below=below)

    async def get(self, entry_id: UUID) -> AuditEntry:
        """Answer one act; raises AuditEntryNotFound."""
        async with self._database.transaction() as tx:
            return await reading.get(tx, entry_id)

    async def target_types(self) -> Sequence[str]:
        """Answer every kind of thing that was acted on so far."""
        async with self._database.transaction() as tx:
            return await reading.target_types(tx)

    def export(self, wanted: AuditFilter, style: CsvStyle, *, actor: Actor) -> AsyncGenerator[bytes, None]:
        """Answer the whole list as CSV, in pieces. Audited as EXPORT_CSV."""
        filters = wanted.as_dict()
        return self._exporter.export(reading.report(wanted), style, actor=actor, what="auditoria", filters=filters)

    async def verify(self, *, actor: Actor, given: Sequence[str] = ()) -> AuditReport:
        """Read the whole chain again, hold it against every checkpoint, and leave word that somebody did.

        `given` are checkpoints a person kept, as the mails hold them.
        """
        report = await self._checkpoints.verify(given)
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx,
                AuditAction.AUDIT_VERIFIED,
                actor=actor,
                target_type="auditoria",
                target_id=str(report.head_seq),
                after={
                    "revisados": report.checked,
                    "puntos": report.checkpoints,
                    "integra": report.is_intact,
                    "falla": report.fault,
                    "archivados": report.archived,
                    "sin_leer": report.unread,
                },
            )
        return report

    async def checkpoint(self) -> None:
        """Sign where the chain stands if that is due, and send the word away. Run by schedule."""
        await self._checkpoints.send_outside()
        point = await self._checkpoints.due()
        if point is not None:
            await self._write(point)

    async def checkpoint_now(self) -> Checkpoint | None:
        """Sign where the chain stands at once; None when nothing is new."""
        point = await self._checkpoints.make()
        if point is not None:
            await self._write(point)
        return point

    async def archive(self, *, days: int | None = None, actor: Actor) -> Sequence[Part]:
        """Put what is older than so many days, else than AUDIT_KEEP_DAYS, away into signed files; answer these.

        Where the chain stands is signed first. Raises AuditKeptTooShort, AuditBroken.
        """
        await self.checkpoint_now()
        return await self._archive.put_away(days=self._keep_days if days is None else days, actor=actor)

    async def archive_due(self) -> None:
        """Put away what AUDIT_KEEP_DAYS says, if it says so. Run by schedule."""
        if self._keep_days:
            await self.archive(actor=SYSTEM)

    async def archived(self) -> Sequence[Part]:
        """Answer the files of what was put away, oldest first."""
        return await self._archive.parts()

    async def _write(self, point: Checkpoint) -> None:
        context = {"seq": point.seq, "document": point.document, "url": self._public_url}
        for recipient in self._checkpoints.recipients:
            async with self._database.transaction() as tx:
                key = f"{Template.AUDIT_CHECKPOINT}:{point.seq}"
                await self._outbox.enqueue(
                    tx, key=key, to=recipient, template=Template.AUDIT_CHECKPOINT, context=context
                )
