"""Fetches the list of article 69-B. Public, no login."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from pydantic import Field

from acuse.kernel.http import HttpClients, Timeouts
from acuse.kernel.settings import Cron, Settings
from acuse.mx.outside.sat_listas.codes import OFFICIAL_URL
from acuse.mx.outside.sat_listas.errors import ListaTrouble

MOST_BYTES: Final = 64_000_000


class ListasSettings(Settings):
    """Lista del artículo 69-B."""

    sat_lista_69b_url: str = Field(OFFICIAL_URL, description="SAT: dirección del listado completo del artículo 69-B.")
    sat_lista_69b_stale_days: int = Field(
        120,
        ge=1,
        description="Días tras los que la fecha escrita dentro de la lista se tiene por vieja y se avisa.",
        json_schema_extra={"unit": "d"},
    )
    schedule_sat_listas: Cron = Field(
        "30 6 * * *", description="Cada cuándo se descarga la lista del 69-B (cron, Ciudad de México)."
    )


class SatListasClient:
    """The published file."""

    def __init__(self, http: HttpClients, settings: ListasSettings) -> None:
        timeout = Timeouts(read_s=60, total_s=300)
        self._http = http.client(
            name="sat_listas", called="la página de datos abiertos del SAT", timeout=timeout, max_body_bytes=MOST_BYTES
        )
        self.url = settings.sat_lista_69b_url

    async def fetch(self) -> bytes:
        """Answer the file as published. Raises Unavailable."""
        reply = await self._http.request("GET", self.url, retry=True)
        if reply.status != HTTPStatus.OK:
            raise ListaTrouble(http_status=reply.status)
        return reply.body
