"""Closes months: once each, for everybody, and never again. Killed in the middle it goes on where it stood."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from acuse.ar.resumenes import store
from acuse.ar.resumenes.errors import MonthClosed, MonthNotOver
from acuse.ar.resumenes.events import ResumenClosed
from acuse.ar.resumenes.model import KIND, Month, Resumen, counts, folder_of
from acuse.ar.resumenes.service.paper import paper
from acuse.ar.resumenes.service.sheet import sheet
from acuse.kernel.audit import SYSTEM, Actor, Audit, AuditAction
from acuse.kernel.audit.signing import Signer
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files

_TRIES = 5


class ClosingService:
    """Reads a reseller's month in one snapshot, writes its files, then the signed statement with its lines.

    What changes after the snapshot is told by a later statement: the lines remember what was told last.
    """

    def __init__(
        self,
        *,
        database: Database,
        files: Files,
        events: Events,
        audit: Audit,
        clock: Clock,
        signer: Signer,
        from_day: int,
    ) -> None:
        self._database = database
        self._files = files
        self._events = events
        self._audit = audit
        self._clock = clock
        self._signer = signer
        self._from_day = from_day

    async def close_due(self) -> int:
        """Close the month before this one when its day has come and nobody did; answer how many statements it has.

        One that is closed is swept instead, in case whoever closed it died before doing so.
        """
        now = self._clock.now()
        if not self._from_day or now < Month.at(now).start.replace(day=self._from_day):
            return 0
        due = await self.due()
        if due is not None:
            return await self.close(due, SYSTEM)
        await self._sweep(Month.at(now).before)
        return 0

    async def due(self) -> Month | None:
        """Answer the month before this one; None when it is closed."""
        month = Month.at(self._clock.now()).before
        async with self._database.transaction() as tx:
            return None if await store.is_closed(tx, month) else month

    async def close(self, month: Month, actor: Actor) -> int:
        """Close a month that is over; answer how many statements it has. Audited.

        Raises MonthNotOver, MonthClosed.
        """
        if self._clock.now() < month.end:
            raise MonthNotOver(mes=str(month))
        async with self._database.transaction() as tx:
            if await store.is_closed(tx, month):
                raise MonthClosed(mes=str(month))
        async with self._database.transaction() as tx:
            await store.snapshot(tx)
            people = await store.users(tx, month)
        for user_id in people:
            for _ in range(_TRIES):
                if await self._close_for(month, user_id):
                    break
            else:
                raise RuntimeError(f"the statement of user {user_id} was overtaken again and again")
        async with self._database.transaction() as tx:
            number = await store.close_month(tx, month, self._clock.now())
            await self._audit.record(
                tx,
                AuditAction.CLOSE_STATEMENTS,
                actor=actor,
                target_type="resumenes",
                target_id=str(month),
                after={"resumenes": number},
            )
        await self._sweep(month)
        return number

    async def _sweep(self, month: Month) -> None:
        """Remove the files of a closed month that belong to no statement: of a process killed before it wrote one."""
        async with self._database.transaction() as tx:
            kept = await store.ids(tx, month)
        for file in await self._files.list(folder_of(month)):
            if PurePosixPath(file.key).stem not in kept:
                await self._files.delete(file.key)

    async def _close_for(self, month: Month, user_id: int) -> bool:
        """Close one user's month; True when it has a statement now or needs none."""
        async with self._database.transaction() as tx:
            await store.snapshot(tx)
            if await store.has_statement(tx, month, user_id) or await store.is_closed(tx, month):
                return True  # what comes into a closed month is told by the next statement
            lines = await store.lines(tx, month, user_id)
            nombre, cuit, _ = await store.user(tx, user_id)
            before = await store.previous(tx, user_id)
        if not lines:
            return True
        resumen_id, now, figures = uuid4(), self._clock.now(), counts(lines)
        csv = await asyncio.to_thread(sheet, lines)
        pdf = await asyncio.to_thread(paper, resumen_id, month, nombre, cuit, figures, lines, now)
        hashes = {"csv_sha256": hashlib.sha256(csv).hexdigest(), "pdf_sha256": hashlib.sha256(pdf).hexdigest()}
        document = self._signer.sign(
            {
                "version": 1,
                "kind": KIND,
                "id_resumen": resumen_id,
                "mes": str(month),
                "id_usuario": user_id,
                "nombre": nombre,
                "cuit": cuit,
                "closed_at": now,
                "previous": before,
                **figures,
                **hashes,
            }
        )
        values: dict[str, Any] = {**figures, **hashes, "nombre": nombre, "cuit": cuit, "document": document}
        one = Resumen(id=resumen_id, id_usuario=user_id, mes=month, closed_at=now, **values)
        await self._files.put(f"{one.folder}.csv", csv)
        await self._files.put(f"{one.folder}.pdf", pdf)
        async with self._database.transaction() as tx:
            added = await store.add(tx, self._database, one, before, lines)
            if added:
                await self._events.publish(tx, ResumenClosed(str(one.id)))
        if not added:
            for ending in ("csv", "pdf"):
                await self._files.delete(f"{one.folder}.{ending}")
        return added
