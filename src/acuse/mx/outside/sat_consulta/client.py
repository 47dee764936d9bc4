"""Asks the SAT for the state of one CFDI. No login, no key; asking twice changes nothing."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from pydantic import Field

from acuse.kernel.clock import Clock
from acuse.kernel.http import HttpClients, Timeouts
from acuse.kernel.settings import Settings
from acuse.mx.outside.sat_consulta import wire
from acuse.mx.outside.sat_consulta.codes import ACTION, OFFICIAL_URL, CodigoEstatus
from acuse.mx.outside.sat_consulta.errors import ConsultaTrouble

TIMEOUTS: Final = Timeouts(connect_s=10, read_s=30, total_s=45)
_DOUBTS_S: Final = (1.0, 3.0)
"""Waits before 601 is believed: during outages the service answers it to valid expressions too."""


class ConsultaSettings(Settings):
    """Consulta del estado de un CFDI en el SAT."""

    sat_consulta_url: str = Field(OFFICIAL_URL, description="SAT: dirección del servicio de consulta de un CFDI.")
    sat_consulta_per_second: float = Field(
        5.0, gt=0, le=100, description="Consultas por segundo que este proceso hace al SAT como mucho."
    )


class SatConsultaClient:
    """The service, called no faster than the settings allow."""

    def __init__(self, http: HttpClients, clock: Clock, settings: ConsultaSettings) -> None:
        self._calls = http.client(name="sat_consulta", called="la consulta de CFDI del SAT", timeout=TIMEOUTS)
        self._clock = clock
        self._url = settings.sat_consulta_url
        self._pace_s = 1 / settings.sat_consulta_per_second
        self._turn = asyncio.Lock()
        self._last_at: float | None = None

    async def consulta(self, asked: wire.Asked) -> wire.Answer:
        """Answer what the SAT says of a CFDI. An answer 601 is asked again twice, later, before it is believed.

        Raises Unavailable (also ConsultaTrouble) and ConsultaUnreadable.
        """
        answer = await self._ask(asked)
        for wait_s in _DOUBTS_S:
            if answer.code is not CodigoEstatus.EXPRESION_INVALIDA:
                break
            await self._clock.sleep(wait_s)
            answer = await self._ask(asked)
        return answer

    async def _ask(self, asked: wire.Asked) -> wire.Answer:
        await self._take_turn()
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}"'}
        reply = await self._calls.request("POST", self._url, headers=headers, content=wire.request(asked), retry=True)
        if reply.status != HTTPStatus.OK:
            said = wire.read_fault(reply.body) or f"HTTP {reply.status}"
            raise ConsultaTrouble(http_status=reply.status, sat_message=said)
        return wire.read_answer(reply.body)

    async def _take_turn(self) -> None:
        async with self._turn:
            now = self._clock.now().timestamp()
            if self._last_at is not None and 0 <= (passed := now - self._last_at) < self._pace_s:
                await self._clock.sleep(self._pace_s - passed)
            self._last_at = self._clock.now().timestamp()
