"""Asks about every CFDI of a filter, a stretch at a time: resumable, and each CFDI once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import AppError
from acuse.kernel.events import Events
from acuse.mx.archivo import ArchivoService, StoredCfdi
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.estatus.errors import LoteEmpty, LoteFinished, LoteNotFound
from acuse.mx.estatus.events import LoteDue
from acuse.mx.estatus.model import Finding, Lote, LoteState
from acuse.mx.estatus.service.asking import EstatusService
from acuse.mx.estatus.store import LoteStore

_STRETCH: Final = 25
_LISTED: Final = 50
MOST_FINDINGS: Final = 500


class LoteService:
    """Batches of questions. The place reached is written after each stretch; each answer as it comes."""

    def __init__(
        self,
        *,
        database: Database,
        store: LoteStore,
        estatus: EstatusService,
        archivo: ArchivoService,
        events: Events,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._estatus = estatus
        self._archivo = archivo
        self._events = events
        self._clock = clock

    async def create(self, caller: Caller, query: CfdiQuery) -> Lote:
        """Have every CFDI of a filter asked about, by jobs. An equal batch still under way is answered instead.

        Raises LoteEmpty, BadSearch, and what the archive raises for a taxpayer out of sight.
        """
        total = await self._archivo.count(caller, query.filter(), rfc=query.rfc)
        if not total:
            raise LoteEmpty
        actor = actor_of(caller)
        rfcs = [str(each.rfc) for each in await self._archivo.taxpayers(caller)]
        if query.rfc:
            rfcs = [(await self._archivo.taxpayer(caller, query.rfc)).rfc.text]
        wanted = query.wanted()
        fingerprint = _fingerprint(actor.id, rfcs, wanted)
        lote_id = uuid4()
        values = {
            "id": lote_id,
            "fingerprint": fingerprint,
            "created_by": actor.name,
            "user_id": actor.id,
            "rfcs": rfcs,
            "wanted": wanted,
            "state": LoteState.RUNNING.value,
            "total": total,
            "created_at": self._clock.now(),
        }
        async with self._database.transaction() as tx:
            if await self._store.add(tx, values):
                await self._publish(tx, lote_id)
            else:
                lote_id = await self._store.running(tx, fingerprint) or lote_id
            return await self._get(tx, lote_id)

    async def list(self, caller: Caller) -> Sequence[Lote]:
        """Answer the caller's batches, newest first."""
        async with self._database.transaction() as tx:
            return await self._store.list(tx, actor_of(caller).id, _LISTED)

    async def get(self, caller: Caller, lote_id: UUID) -> Lote:
        """Answer a batch of the caller's. Raises LoteNotFound."""
        async with self._database.transaction() as tx:
            found = await self._get(tx, lote_id)
        me = actor_of(caller).id
        if me is not None and found.user_id != me:
            raise LoteNotFound
        return found

    async def findings(self, caller: Caller, lote_id: UUID) -> Sequence[Finding]:
        """Answer which CFDIs of a batch somebody should look at, the first five hundred. Raises LoteNotFound."""
        await self.get(caller, lote_id)
        async with self._database.transaction() as tx:
            return await self._store.findings(tx, lote_id, MOST_FINDINGS)

    async def resume(self, caller: Caller, lote_id: UUID) -> Lote:
        """Go on with a batch that stopped; harmless when it has not. Raises LoteFinished, LoteNotFound."""
        found = await self.get(caller, lote_id)
        if found.state is LoteState.DONE:
            raise LoteFinished
        async with self._database.transaction() as tx:
            await self._publish(tx, lote_id)
        return found

    async def step(self, lote_id: UUID) -> None:
        """Ask the next stretch and set the one after it going. Killed at any point, it is done again from its start.

        What stops it is written on the batch and raised, so that the job is tried again.
        """
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, lote_id)
        if row is None or row.state != LoteState.RUNNING:
            return
        place, cursor = row.place, row.cursor
        try:
            rfc = row.rfcs[place]
            query = CfdiQuery.model_validate(row.wanted)
            page = await self._archivo.search(SYSTEM, query.filter(), rfc=rfc, cursor=cursor, limit=_STRETCH)
            await self._ask(lote_id, row.created_by, rfc, page.items)
        except AppError as error:
            await self._stopped(lote_id, error.text)
            raise
        await self._go_on(lote_id, (place, cursor), page.next_cursor)

    async def _ask(self, lote_id: UUID, asked_by: str, rfc: str, cfdis: Sequence[StoredCfdi]) -> None:
        if not cfdis:
            return
        async with self._database.transaction() as tx:
            asked = await self._store.asked(tx, lote_id, cfdis[0].contribuyente_id, [each.uuid for each in cfdis])
        for each in cfdis:
            if each.uuid not in asked:
                found = await self._archivo.get(SYSTEM, each.uuid, rfc=rfc)
                await self._estatus.ask(found, asked_by=asked_by, lote_id=lote_id)

    async def _go_on(self, lote_id: UUID, was: tuple[int, str | None], next_cursor: str | None) -> None:
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, lote_id, lock=True)
            if row is None or (row.place, row.cursor) != was or row.state != LoteState.RUNNING:
                return
            row.cursor, row.problem = next_cursor, None
            row.place += next_cursor is None
            if row.place < len(row.rfcs):
                await tx.flush()
                await self._publish(tx, lote_id)
                return
            row.state, row.finished_at = LoteState.DONE.value, self._clock.now()

    async def _stopped(self, lote_id: UUID, problem: str) -> None:
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, lote_id, lock=True)
            if row is not None:
                row.problem = problem

    async def _publish(self, tx: Transaction, lote_id: UUID) -> None:
        event = LoteDue(str(lote_id))
        await self._events.publish(tx, event, once=event.lote_id, lock=f"mx.estatus:{lote_id}")

    async def _get(self, tx: Transaction, lote_id: UUID) -> Lote:
        found = await self._store.get(tx, lote_id)
        if found is None:
            raise LoteNotFound
        return found


def _fingerprint(user_id: int | None, rfcs: Sequence[str], wanted: dict[str, Any]) -> str:
    told = json.dumps([user_id, sorted(rfcs), wanted], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
