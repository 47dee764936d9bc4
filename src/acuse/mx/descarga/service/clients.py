"""What this feature adds to the table of clients: last download, what is missing, and the fourteen for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from acuse.kernel.database import Transaction
from acuse.kernel.errors import AppError
from acuse.mx.archivo import MonthsStore
from acuse.mx.contribuyentes import Figures
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.descarga.errors import TooManyClients
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.service.sending import SendingService, YearPlan
from acuse.mx.descarga.store.figures import last_downloads
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido

MOST_CLIENTS = 200


@dataclass(frozen=True)
class YearOf:
    """The fourteen of one client, or why there are none."""

    rfc: str
    sentido: Sentido
    plan: YearPlan | None
    fault: AppError | None = None


class OfficeService(Desk):
    """Many clients at once."""

    def __init__(self, means: Means, sending: SendingService) -> None:
        super().__init__(means)
        self._sending = sending
        self._months = MonthsStore()

    async def figures(self, contribuyente_ids: Sequence[int]) -> Mapping[int, Figures]:
        """Answer the last download and the missing CFDIs of these taxpayers."""
        async with self._database.transaction() as tx:
            downloads = await last_downloads(tx, contribuyente_ids)
            missing = await self._months.missing_of(tx, contribuyente_ids)
        return {
            each: Figures(
                last_download=downloads.get(each), missing=missing.get(each, 0 if each in downloads else None)
            )
            for each in contribuyente_ids
        }

    async def newest(self, tx: Transaction, contribuyente_id: int) -> datetime | None:
        """Answer when something was last stored or indexed for a taxpayer; None when nothing ever was."""
        downloaded = (await last_downloads(tx, [contribuyente_id])).get(contribuyente_id)
        moments = (downloaded, await self._census.last_indexed(tx, contribuyente_id))
        return max((moment for moment in moments if moment is not None), default=None)

    async def send_years(
        self,
        caller: Caller,
        rfcs: Sequence[str],
        year: int,
        sentidos: Sequence[Sentido],
        *,
        familia: Familia = Familia.CFDI,
    ) -> Sequence[YearOf]:
        """Send the fourteen of a year for each of these clients; one that cannot stops no other.

        Asked twice, nothing is sent twice. Raises TooManyClients.
        """
        chosen = list(dict.fromkeys(rfcs))
        if not 1 <= len(chosen) <= MOST_CLIENTS:
            raise TooManyClients(most=MOST_CLIENTS, fields={"rfc": f"Elige de 1 a {MOST_CLIENTS} contribuyentes."})
        told = []
        for rfc in chosen:
            for sentido in sentidos:
                try:
                    plan = await self._sending.send_year(caller, rfc, year, sentido, familia=familia)
                except AppError as fault:
                    told.append(YearOf(rfc, sentido, None, fault))
                else:
                    told.append(YearOf(rfc, sentido, plan))
        return told
