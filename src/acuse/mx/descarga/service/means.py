"""What the services of descarga work with: put together once, handed to each of them whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from acuse.kernel.audit import Audit
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.presence import Presence
from acuse.mx.archivo import CensusStore
from acuse.mx.certificates import EfirmaExpired
from acuse.mx.contribuyentes import AccessLevel, Contribuyente, ContribuyentesService, EfirmaMissing
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.descarga.model.periodo import mexico_time
from acuse.mx.descarga.service.dividing import Divider
from acuse.mx.descarga.service.lifetime import Lifetime
from acuse.mx.descarga.service.sessions import SatSessions
from acuse.mx.descarga.service.story import Story
from acuse.mx.descarga.store import Claim, PaqueteStore, PlanStore, SolicitudStore
from acuse.mx.outside.sat_descarga.client import SatDescargaClient

LOOK_AGAIN: Final = timedelta(minutes=1)
"""After this the schedule looks at what somebody had taken up: whoever still works on it is not disturbed."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """The house's parts, the stores, the SAT, and the rules the services share."""

    database: Database
    files: Files
    events: Events
    audit: Audit
    clock: Clock
    presence: Presence
    contribuyentes: ContribuyentesService
    client: SatDescargaClient
    sessions: SatSessions
    solicitudes: SolicitudStore
    paquetes: PaqueteStore
    plans: PlanStore
    census: CensusStore
    lifetime: Lifetime
    story: Story
    divider: Divider


class Desk:
    """A service of descarga: it takes of the means what it needs."""

    def __init__(self, means: Means) -> None:
        self._database = means.database
        self._files = means.files
        self._events = means.events
        self._audit = means.audit
        self._clock = means.clock
        self._presence = means.presence
        self._contribuyentes = means.contribuyentes
        self._client = means.client
        self._sessions = means.sessions
        self._solicitudes = means.solicitudes
        self._paquetes = means.paquetes
        self._plans = means.plans
        self._census = means.census
        self._lifetime = means.lifetime
        self._story = means.story
        self._divider = means.divider

    async def _operated(self, caller: Caller, rfc: str) -> Contribuyente:
        """Answer a taxpayer the caller may act for. Raises as `require_access`, EfirmaMissing, EfirmaExpired."""
        found = await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)
        if found.efirma is None:
            raise EfirmaMissing(rfc=str(found.rfc))
        if not found.can_sign:
            ended = mexico_time(found.efirma.valid_until)
            raise EfirmaExpired(number=found.efirma.number, valid_until=f"{ended:%d/%m/%Y}")
        return found

    @contextmanager
    def _claiming(self, lease: timedelta) -> Iterator[Claim]:
        """Want a row for the block: what is claimed with it is free when the block, or this process, has ended."""
        now = self._clock.now()
        with self._presence.work() as work:
            yield Claim(work=work, now=now, until=now + lease, is_over=self._presence.is_over)
