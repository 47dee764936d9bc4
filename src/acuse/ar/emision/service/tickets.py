"""The ticket of access: one for all processes, sealed, renewed in time by one of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from acuse.ar.emision import store
from acuse.ar.emision.errors import TicketBusy
from acuse.ar.emision.service.credential import CredentialService
from acuse.ar.outside.arca.client import ArcaClient, ArcaSettings
from acuse.ar.outside.arca.errors import ArcaTicketHeld
from acuse.ar.outside.arca.wire import Ticket
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.errors import AppError
from acuse.kernel.vault import Vault

_TABLE: Final = "crs_arca_tickets"
_COLUMN: Final = "sealed_ticket"
_SPARE: Final = timedelta(minutes=3)
"""A ticket that ends sooner is not used: a call may take as long."""
_RENEW_BEFORE: Final = timedelta(minutes=10)
"""From here on a new one is asked for; WSAA may refuse while the old one is valid, which then still serves."""
_POLL_S: Final = 0.5
_HELD_S: Final = 600


class Tickets:
    """Gives out a ticket that is good for one more call."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        clock: Clock,
        client: ArcaClient,
        credentials: CredentialService,
        settings: ArcaSettings,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._client = client
        self._credentials = credentials
        self._settings = settings
        self._lease = timedelta(seconds=settings.arca_timeout_s + 30)

    async def get(self) -> Ticket:
        """Answer the shared ticket, asking WSAA for one where there is none or it is about to end.

        One process asks, the others wait for it. Raises CredentialMissing, ArcaTicketHeld (with the wait), TicketBusy,
        ArcaCredentialRefused, Unavailable.
        """
        name = await self._name()
        waits = int(self._settings.arca_timeout_s / _POLL_S)
        for _ in range(waits):
            kept = await self._kept(name)
            now = self._clock.now()
            if kept is not None and kept.expires - now > _RENEW_BEFORE:
                return kept
            async with self._database.transaction() as tx:
                mine = await store.claim_ticket(tx, name, now, now + self._lease)
            if mine:
                return await self._ask(name)
            if kept is not None and kept.expires - now > _SPARE:
                return kept
            await self._clock.sleep(_POLL_S)
        raise TicketBusy(retry_after_s=_POLL_S)

    async def discard(self, ticket: Ticket) -> None:
        """Forget a ticket that ARBCCF refused, unless another process has brought a newer one."""
        name = await self._name()
        async with self._database.transaction() as tx:
            await store.drop_ticket(tx, name, ticket.expires)

    async def _ask(self, name: str) -> Ticket:
        """Ask for the next one. Whoever had the turn before may have brought it while we looked."""
        kept = await self._kept(name)
        if kept is not None and kept.expires - self._clock.now() > _RENEW_BEFORE:
            await self._set(name, asking_until=None)
            return kept
        try:
            opened = await self._credentials.open("Pedir un ticket de acceso a ARCA")
            fresh = await self._client.login(opened.pair)
        except AppError as error:
            await self._set(name, asking_until=None)
            if kept is not None and kept.expires - self._clock.now() > _SPARE:
                return kept
            if isinstance(error, ArcaTicketHeld):
                wait_s = (kept.expires - self._clock.now()).total_seconds() + 1 if kept else _HELD_S
                raise ArcaTicketHeld(retry_after_s=max(1.0, wait_s), **error.details) from error
            raise
        await self._set(
            name,
            sealed_ticket=self._vault.seal(
                json.dumps([fresh.token, fresh.sign, fresh.generated.isoformat()]).encode(),
                table=_TABLE,
                column=_COLUMN,
                row=name,
            ),
            expires_at=fresh.expires,
            asking_until=None,
        )
        return fresh

    async def _kept(self, name: str) -> Ticket | None:
        async with self._database.transaction() as tx:
            row = await store.ticket(tx, name)
        if row is None or row.sealed_ticket is None or row.expires_at is None:
            return None
        plain = self._vault.open(row.sealed_ticket, table=_TABLE, column=_COLUMN, row=name)
        token, sign, generated = json.loads(plain)
        return Ticket(token, sign, datetime.fromisoformat(generated), row.expires_at)

    async def _set(self, name: str, **values: object) -> None:
        async with self._database.transaction() as tx:
            await store.set_ticket(tx, name, **values)

    async def _name(self) -> str:
        settings = self._settings
        return f"{settings.arca_environment}|{settings.arca_wsaa_service}|{await self._credentials.cuit()}"
