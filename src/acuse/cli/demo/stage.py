"""Sets the stage: folder, simulators, database, application and worker, all on this machine and below one folder."""

from __future__ import annotations

import asyncio
import fcntl
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from acuse.cli.demo.record import Record
from acuse.cli.demo.screen import Screen
from acuse.cli.demo.simulators import simulators
from acuse.cli.processes import serve_until_stopped, web_server
from acuse.features import open_features
from acuse.kernel.clock import SystemClock
from acuse.kernel.errors import Misconfigured
from acuse.kernel.feature import Services
from acuse.kernel.home import prepare_home
from acuse.kernel.house import House, open_house
from acuse.kernel.logs import configure
from acuse.kernel.settings import SettingsReader
from acuse.simulators import Description
from acuse.worker import create_worker

HOST: Final = "127.0.0.1"
USUAL_PORT: Final = 8000


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything a demonstration needs, running."""

    url: str
    home: Path
    log: Path
    told: Description
    house: House
    services: Services
    record: Record
    server: uvicorn.Server
    serving: asyncio.Task[None]

    async def close(self) -> None:
        """Stop answering, and let running work end."""
        self.server.should_exit = True
        await self.serving


@asynccontextmanager
async def stage(home: Path, *, port: int | None, cfdis: int, taxpayers: int, screen: Screen) -> AsyncIterator[Stage]:
    """Set it, telling each step, and take it down at the end. Raises Misconfigured, SimulatorsDidNotStart."""
    home, warning = _prepare(home)
    log = home / "demo.log"
    if warning:
        screen.note(warning)
    with _alone(home):
        async with _set(home, log, port=port, cfdis=cfdis, taxpayers=taxpayers, screen=screen) as standing:
            yield standing


@asynccontextmanager
async def _set(
    home: Path, log: Path, *, port: int | None, cfdis: int, taxpayers: int, screen: Screen
) -> AsyncIterator[Stage]:
    url = f"http://{HOST}:{_choose_port(port)}"
    record = Record(home)
    year, taxpayers = record.earlier() or (SystemClock().now().year - 1, taxpayers)
    record.set(url=url)
    with log.open("a", encoding="utf-8") as lines:
        configure("info", "text", stream=lines)
        async with simulators(home / "simuladores", cfdis=cfdis, year=year, taxpayers=taxpayers, log=log) as told:
            record.simulators(told)
            whose = f", y {len(told.taxpayers) - 1} contribuyentes más" if len(told.taxpayers) > 1 else ""
            screen.step(f"Simulador del SAT con {told.cfdis:,} CFDI de {told.year}, emitidos y recibidos{whose}")
            reader = SettingsReader(_environment(home, url, told), env_file=None)
            async with open_house(reader) as house, open_features(house) as services:
                if house.database.note:
                    screen.note(house.database.note)
                screen.step("PostgreSQL integrado, con sus tablas al día")
                server = web_server(house, services, host=HOST, port=int(url.rpartition(":")[2]))
                serving = asyncio.create_task(serve_until_stopped(server, create_worker(house, services)))
                try:
                    await _until_it_answers(server, serving)
                    screen.step(f"Aplicación y trabajador en {url}")
                    yield Stage(
                        url=url,
                        home=home,
                        log=log,
                        told=told,
                        house=house,
                        services=services,
                        record=record,
                        server=server,
                        serving=serving,
                    )
                finally:
                    server.should_exit = True
                    record.set(ready=False)
                    with suppress(asyncio.CancelledError):
                        await serving


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep the folder to this process: two demonstrations in it would spoil each other's simulators."""
    with (home / "demo.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = f"ya hay una demostración en marcha en {home}. Ciérrala, o elige otra carpeta con --home."
            raise Misconfigured(problem=problem) from error
        yield


def _prepare(home: Path) -> tuple[Path, str | None]:
    """Make the folder; answer its full path and what a person should hear about it."""
    home = home.absolute()
    return home, prepare_home(home)


def _environment(home: Path, url: str, told: Description) -> dict[str, str]:
    """Write the settings of a demonstration: nothing of the real surroundings gets in."""
    return {
        "ACUSE_HOME": str(home),
        "ACUSE_SURROUNDINGS": "demo",
        "ACUSE_PUBLIC_URL": url,
        "TAX_ID_CHECK": "warn",
        "SAT_CFDI_SOLICITUD_URL": f"{told.sat}/cfdi",
        "SAT_CFDI_DESCARGA_URL": f"{told.sat}/cfdi",
        "SAT_RETENCIONES_SOLICITUD_URL": f"{told.sat}/retenciones",
        "SAT_RETENCIONES_DESCARGA_URL": f"{told.sat}/retenciones",
        "SAT_CONSULTA_URL": f"{told.sat}/consulta/ConsultaCFDIService.svc",
        "SAT_LISTA_69B_URL": f"{told.sat}/listas/Listado_completo_69-B.csv",
        "ARCA_ISSUANCE": "true",
        "ARCA_WSAA_URL": f"{told.arca}/ws/services/LoginCms",
        "ARCA_ARBCCF_URL": f"{told.arca}/controladores-fiscales-ws/CertificadosService/CertificadosBean",
        "SAT_VERIFY_BACKOFF_S": "1,1,2,5,10",
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(told.smtp_port),
        "SMTP_TLS": "none",
        "SMTP_FROM": "Acuse (demo) <acuse@demo.invalid>",
    }


def _choose_port(wanted: int | None) -> int:
    """Answer the port asked for, or the usual one, or any free one when that is taken. Raises Misconfigured."""
    for port in (USUAL_PORT, 0) if wanted is None else (wanted,):
        with closing(socket.socket()) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                trial.bind((HOST, port))
                chosen: int = trial.getsockname()[1]
                return chosen
    raise Misconfigured(problem=f"el puerto {wanted} está ocupado o no se puede usar. Elige otro con --port.")


async def _until_it_answers(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
            raise Misconfigured(problem="la aplicación no arrancó; mira demo.log.")
        await asyncio.sleep(0.02)
