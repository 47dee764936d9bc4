"""Background work of accounts: sweeping up what is over."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.accounts.service import SessionService
from acuse.kernel.jobs import Schedule


def schedules(sessions: SessionService) -> Sequence[Schedule]:
    """Answer the nightly sweep of ended sessions, tokens and counters."""
    return [
        Schedule(
            name="accounts:prune",
            cron="17 3 * * *",
            zone="UTC",
            run=sessions.prune,
            caption="Borrar sesiones, tokens e intentos caducados",
        )
    ]
