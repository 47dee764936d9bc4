"""Background work of the outbox: send what is due, sweep up what waited."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job, Schedule
from acuse.notices.events import NoticeDue
from acuse.notices.service import Outbox


def jobs(outbox: Outbox) -> Sequence[Job]:
    """Answer the job that sends one e-mail."""

    async def send(event: NoticeDue) -> None:
        await outbox.send(event.notice_id)

    return [Job(name="notices:send", run=send, on=NoticeDue, caption="Enviar un correo")]


def schedules(outbox: Outbox) -> Sequence[Schedule]:
    """Answer the sweep, every five minutes."""
    return [
        Schedule(
            name="notices:sweep",
            cron="*/5 * * * *",
            zone="UTC",
            run=outbox.sweep,
            caption="Revisar correos pendientes",
        )
    ]
