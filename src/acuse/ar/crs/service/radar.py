"""The expiry radar: certificates about to end, on screen and in one digest a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from acuse.ar.crs.model import RADAR_DAYS, ZONE, Certificado
from acuse.ar.crs.service.alerts import Post
from acuse.ar.crs.store import catalogue, quotas
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database

_SHOWN = 50


class Radar:
    """Tells of certificates 60, 30, 15 and 7 days before their end, each distance once."""

    def __init__(self, *, database: Database, clock: Clock, post: Post, public_url: str) -> None:
        self._database = database
        self._clock = clock
        self._post = post
        self._public_url = public_url.rstrip("/")

    async def ending(self, user_id: int | None = None, days: int = RADAR_DAYS[-1]) -> Sequence[Certificado]:
        """Answer what ends within these days and has no successor; with a user, of the devices they downloaded."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            return await catalogue.ending(tx, user_id, after=now, until=now + timedelta(days=days))

    async def digest(self) -> int:
        """Write one e-mail to each administrator with all that newly came into a distance; answer how many.

        A certificate is told of once per distance; one that skipped a distance is told of at the nearest only.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            ending = await catalogue.ending(tx, None, after=now, until=now + timedelta(days=RADAR_DAYS[-1]))
            fresh = []
            for one in ending:
                distance = next(days for days in RADAR_DAYS if one.not_after - now <= timedelta(days=days))
                if await catalogue.mark_told(tx, one.id, distance, now):
                    fresh.append(one)
            if fresh:
                day = now.astimezone(ZONE).date().isoformat()
                context = {
                    "count": len(fresh),
                    "devices": [
                        {
                            "controlador": one.controlador_id,
                            "until": one.not_after.astimezone(ZONE).strftime("%d/%m/%Y"),
                            "days": one.days_left(now),
                        }
                        for one in fresh[:_SHOWN]
                    ],
                    "more": max(0, len(fresh) - _SHOWN),
                    "url": self._public_url,
                }
                for _, mail in await quotas.administrators(tx):
                    await self._post(tx, key=f"crs:radar:{day}:{fresh[0].id}", to=mail, context=context)
        return len(fresh)
