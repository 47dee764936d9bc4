"""Writes to the administrators when a job gave up."""

from __future__ import annotations

from typing import Final

from acuse.accounts import AccountsService, Role
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.jobs import JobBoard, JobState
from acuse.notices import Outbox, RecipientInvalid, Template

_LISTED: Final = 20
_ADMINISTRATORS: Final = 200


class FailureLetters:
    """One e-mail an hour and administrator at most, with what stands failed at that moment."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        board: JobBoard,
        accounts: AccountsService,
        outbox: Outbox,
        public_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._board = board
        self._accounts = accounts
        self._outbox = outbox
        self._public_url = public_url.rstrip("/")

    async def tell(self) -> None:
        """Write to every active administrator with an address; a second call within the hour writes nothing."""
        failed = (await self._board.list(JobState.FAILED, limit=_LISTED)).items
        if not failed:
            return
        jobs = [{"id": job.id, "caption": job.caption, "reason": job.reason, "code": job.code} for job in failed]
        hour = self._clock.now().strftime("%Y-%m-%dT%H")
        for admin in await self._accounts.list_users(role=Role.ADMINISTRADOR, limit=_ADMINISTRATORS):
            if not admin.mail or not admin.is_active:
                continue
            try:
                async with self._database.transaction() as tx:
                    await self._outbox.enqueue(
                        tx,
                        key=f"{Template.JOBS_FAILED}:{admin.id}:{hour}",
                        to=admin.mail,
                        template=Template.JOBS_FAILED,
                        context={"jobs": jobs, "url": self._public_url},
                    )
            except RecipientInvalid:
                continue
