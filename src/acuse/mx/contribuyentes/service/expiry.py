"""Tells people by e-mail that an e.firma ends: 60, 30, 15 and 7 days before, once each."""

from __future__ import annotations

from datetime import timedelta

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.logs import get_logger
from acuse.mx.contribuyentes.model import NOTICE_DAYS, Ending, in_days, notice_due
from acuse.mx.contribuyentes.store import ContribuyentesStore
from acuse.notices import Outbox, RecipientInvalid, Template

_log = get_logger(__name__)


class ExpiryLetters:
    """Writes to the owners and operators of each taxpayer. Run every day; a day missed is made up for by the next."""

    def __init__(
        self, *, database: Database, store: ContribuyentesStore, outbox: Outbox, clock: Clock, public_url: str
    ) -> None:
        self._database = database
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def write(self) -> None:
        """Put what is due into the outbox, whose key (e.firma and threshold) lets each letter through once."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            for found in await self._store.ending(tx, after=now, until=now + timedelta(days=max(NOTICE_DAYS) + 1)):
                days = found.days_left(now)
                threshold = notice_due(days)
                if threshold is not None:
                    await self._tell(tx, found, days, threshold)

    async def _tell(self, tx: Transaction, found: Ending, days: int, threshold: int) -> None:
        context = {
            "name": found.person,
            "rfc": str(found.rfc),
            "holder": found.name or str(found.rfc),
            "days": in_days(days),
            "number": found.number,
            "valid_until": f"{found.last_day:%d/%m/%Y}",
            "url": self._public_url,
            "path": f"/app/contribuyentes/{found.rfc.path_segment}",
        }
        key = f"{Template.EFIRMA_ENDING}:{found.efirma_id}:{threshold}"
        try:
            await self._outbox.enqueue(tx, key=key, to=found.mail, template=Template.EFIRMA_ENDING, context=context)
        except RecipientInvalid:
            _log.warning("expiry_letter_without_address", rfc=str(found.rfc))
