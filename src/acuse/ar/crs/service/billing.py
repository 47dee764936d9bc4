"""The billing state of downloads, changed by administrators one by one or in batches, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from acuse.ar.crs.errors import DescargaNotFound, DescargasNotFound
from acuse.ar.crs.model import EstadoDescarga
from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.store import downloads, quotas
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction


@dataclass(frozen=True)
class Change:
    """Which downloads really changed."""

    changed: Sequence[UUID]


class BillingService:
    """Only here do downloads change between pending and billed; counters and alerts follow in the same transaction."""

    def __init__(self, *, database: Database, alerts: Alerts, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._alerts = alerts
        self._audit = audit
        self._clock = clock

    async def set_state(self, download_id: UUID, estado: EstadoDescarga, *, actor: Actor) -> bool:
        """Put one download into a state; False when it was in it already. Raises DescargaNotFound."""
        async with self._database.transaction() as tx:
            changed = await self._change(tx, [download_id], estado)
            if changed is None:
                raise DescargaNotFound
            await self._write_down(tx, AuditAction.CHANGE_DOWNLOAD_STATUS, changed, estado, actor, {})
        return bool(changed)

    async def set_states(self, ids: Sequence[UUID], estado: EstadoDescarga, *, actor: Actor) -> Change:
        """Put many downloads into a state in one transaction; ids given twice count once.

        Raises DescargasNotFound, naming the unknown ones, before anything is changed.
        """
        wanted = list(dict.fromkeys(ids))
        async with self._database.transaction() as tx:
            changed = await self._change(tx, wanted, estado)
            if changed is None:
                known = await downloads.lock_states(tx, wanted)
                missing = [str(one) for one in wanted if one not in known]
                raise DescargasNotFound(count=len(missing), notFound=missing)
            batch = {"lote": str(uuid4())}
            await self._write_down(tx, AuditAction.BATCH_CHANGE_STATUS, changed, estado, actor, batch)
        there = {one for one, _ in changed}
        return Change([one for one in wanted if one in there])

    async def _change(
        self, tx: Transaction, ids: Sequence[UUID], estado: EstadoDescarga
    ) -> list[tuple[UUID, EstadoDescarga]] | None:
        """Change states, counters and alerts; answer what changed with its state before, None when one is unknown."""
        await quotas.lock_all(tx, await downloads.owners(tx, ids))
        found = await downloads.lock_states(tx, ids)
        if len(found) != len(ids):
            return None
        changed = [(one, before) for one, (_, before) in found.items() if before is not estado]
        await downloads.set_states(tx, [one for one, _ in changed], estado, self._clock.now())
        step = 1 if estado is EstadoDescarga.PENDIENTE else -1
        moves = Counter(found[one][0] for one, _ in changed)
        for user_id in sorted(moves):
            row = await quotas.get(tx, user_id)
            assert row is not None
            level = quotas.as_quota(row).level
            tx.expunge(row)
            after = await quotas.move(tx, user_id, step * moves[user_id])
            await self._alerts.moved(tx, level, after)
        return changed

    async def _write_down(
        self,
        tx: Transaction,
        action: AuditAction,
        changed: Sequence[tuple[UUID, EstadoDescarga]],
        estado: EstadoDescarga,
        actor: Actor,
        more: dict[str, str],
    ) -> None:
        for one, before in changed:
            await self._audit.record(
                tx,
                action,
                actor=actor,
                target_type="descargas",
                target_id=str(one),
                before={"estado": before.value},
                after={"estado": estado.value} | more,
            )
