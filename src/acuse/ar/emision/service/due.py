"""Puts the next step of an issuance into the queue, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from acuse.ar.emision.events import EmisionDue
from acuse.kernel.database import Transaction
from acuse.kernel.events import Events


async def due(
    events: Events, tx: Transaction, emision_id: UUID, controlador_id: str, *, at: datetime | None = None
) -> None:
    """One step of a device runs at a time, and one waits at most."""
    name = str(emision_id)
    await events.publish(tx, EmisionDue(name), at=at, lock=f"emision:{controlador_id}", once=name)
