"""Killed at any step of the way: no third download, no CFDI lost, none twice, no solicitud asked for blindly.

Death is an exception nothing in the program catches, thrown where it meets the SAT or the storage: by an application
in front of the simulated SAT, before or after it has answered, and by the storage. What a dead process held is free
when its claim has run out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from acuse.kernel.files import Files
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.outside.sat_descarga.simulator import create_app
from tests.mx.descarga.conftest import ORIGIN, RFC, Office, documents, parametros

Receive = Callable[[], Awaitable[Any]]
JANUARY = {UUID(one.uuid) for one in documents() if one.rfc_emisor == RFC and one.fecha.month == 1}
PLACES = ("before", "after")
CALLS = ("Autenticacion.svc", "SolicitaDescargaService.svc", "VerificaSolicitud", "DescargaMasivaService.svc")


class Killed(BaseException):
    """The process is gone."""


class Deadly:
    """The simulated SAT behind a line on which the caller dies, once for each of the named calls."""

    def __init__(self, app: Any, deaths: list[tuple[str, str]]) -> None:
        self._app = app
        self.deaths = deaths

    async def __call__(self, scope: Any, receive: Receive, send: Any) -> None:
        here = [death for death in self.deaths if scope["type"] == "http" and death[0] in scope["path"]]
        if here and here[0][1] == "before":
            self.deaths.remove(here[0])
            raise Killed
        await self._app(scope, receive, send)
        if here:
            self.deaths.remove(here[0])
            raise Killed


class DyingFiles:
    """The storage of a process that dies right before or right after its bytes are safe."""

    def __init__(self, files: Files, when: str) -> None:
        self._files = files
        self.when: str | None = when

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)

    async def put(self, key: str, data: bytes) -> Any:
        if self.when and key.endswith(".zip"):
            when, self.when = self.when, None
            if when == "after":
                await self._files.put(key, data)
            raise Killed
        return await self._files.put(key, data)


async def live_on(office: Office) -> int:
    """Run jobs and schedules until the solicitud has ended, starting anew after each death; count the deaths."""
    deaths = 0
    for _ in range(40):
        try:
            await office.sync.run(early=True)
            await office.run_jobs()
        except Killed:
            deaths += 1
            office.sessions._open.clear()
        rows = (await office.reading.solicitudes(office.alice)).items
        if rows and all(row.estado.is_final for row in rows):
            return deaths
        await office.pass_time(minutes=16)
    return deaths


async def check(office: Office) -> None:
    (row,) = (await office.reading.solicitudes(office.alice)).items
    assert row.estado is Estado.COMPLETA
    stored = await office.sql("SELECT uuid FROM cfdi WHERE xml_paquete_id IS NOT NULL")
    assert len(stored) == len(JANUARY)
    assert {one["uuid"] for one in stored} == JANUARY
    assert all(package.downloads <= 2 for package in office.sat.packages)
    assert all(row.downloads <= 2 for row in await office.paquetes())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("call", CALLS)
async def test_killed_around_a_call(office: Office, call: str, place: str) -> None:
    deadly = Deadly(create_app(office.sat), [(call, place)])
    office.house.http.mount(ORIGIN, deadly)
    died = 0
    try:
        await office.sending.send(office.alice, RFC, parametros())
    except Killed:
        died = 1
    died += await live_on(office)
    assert died == 1
    await check(office)


async def test_killed_again_and_again(office: Office) -> None:
    deaths = [(CALLS[1], "before"), (CALLS[2], "before"), (CALLS[2], "after"), (CALLS[3], "after")]
    office.house.http.mount(ORIGIN, Deadly(create_app(office.sat), deaths))
    with suppress(Killed):
        await office.sending.send(office.alice, RFC, parametros())
    await live_on(office)
    assert deaths == []
    await check(office)


@pytest.mark.parametrize("when", PLACES)
async def test_killed_around_the_storage(office: Office, when: str) -> None:
    dying = DyingFiles(office.house.files, when)
    office.fetching._files = dying  # type: ignore[assignment]
    await office.sending.send(office.alice, RFC, parametros())
    assert await live_on(office) == 1
    await check(office)
    downloads = [row.downloads for row in await office.paquetes()]
    assert downloads == ([1] if when == "after" else [2])
