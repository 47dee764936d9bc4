"""The long-running commands: the application, the worker and the simulators."""

import asyncio
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import uvicorn
from cyclopts import App, Parameter
from cyclopts.validators import Number
from prometheus_client import start_http_server

from acuse.accounts import AccountsService
from acuse.app import create_app
from acuse.cli.runner import HouseRunner
from acuse.features import SETTINGS, open_features
from acuse.kernel.errors import Misconfigured
from acuse.kernel.feature import Services
from acuse.kernel.house import House, open_house
from acuse.kernel.jobs import JobSettings, Worker
from acuse.kernel.logs import configure
from acuse.kernel.settings import SettingsReader
from acuse.kernel.vault import first_start_message
from acuse.simulators import run_simulators
from acuse.worker import create_worker


def commands(run: HouseRunner) -> Sequence[App]:
    """Make the commands over the runner."""
    return [_serve(run), _worker(run), _simulate(run)]


def _serve(run: HouseRunner) -> App:
    app = App(name="serve", help="Poner en marcha la aplicación, con su base de datos y su trabajador.")

    @app.default
    async def serve(*, host: str | None = None, port: int | None = None) -> None:
        """Atender en 127.0.0.1:8000 hasta Ctrl-C.

        Parameters
        ----------
        host
            Dirección local; la de ACUSE_LISTEN_HOST si falta.
        port
            Puerto; el de ACUSE_LISTEN_PORT si falta. 0 elige uno libre.
        """
        reader = SettingsReader()
        configure(reader.core.log_level, reader.core.log_format)
        async with open_house(reader) as house, open_features(house) as services:
            # Being stopped closes everything, as Ctrl-C does; else the server raises the signal anew and dies of it.
            signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
            core = reader.core
            host = host or core.acuse_listen_host
            port = (core.acuse_listen_port if port is None else port) or free_port(host)
            await _greet(run, house, services, address=f"http://{host}:{port}")
            server = web_server(house, services, host=host, port=port)
            worker = create_worker(house, services) if core.acuse_workers == "internal" else None
            await serve_until_stopped(server, worker)

    return app


def web_server(house: House, services: Services, *, host: str, port: int) -> uvicorn.Server:
    """Make the web server. Proxy headers are read by the application itself, which knows TRUSTED_PROXIES."""
    config = uvicorn.Config(
        create_app(house, services),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


async def serve_until_stopped(server: uvicorn.Server, worker: Worker | None) -> None:
    """Serve until a signal; then stop taking work, let what runs finish, and leave."""
    working = asyncio.create_task(worker.run(), name="acuse-worker-main") if worker else None
    try:
        await server.serve()
    finally:
        if worker and working:
            await worker.stop()
            with suppress(asyncio.CancelledError):
                await working


def free_port(host: str) -> int:
    """Answer a port nobody uses just now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def _greet(run: HouseRunner, house: House, services: Services, *, address: str) -> None:
    """Say once what a new installation must know: where secrets lie, who the first administrator is."""
    reader = house.settings
    for warning in reader.warnings:
        run.say(f"! {warning}")
    for name in reader.unknown_names(list(SETTINGS)):
        run.say(f"! En .env hay un nombre que nadie usa: {name}")
    if house.database.note:
        run.say(house.database.note)
    if "VAULT_KEY" in reader.created:
        run.say(first_start_message(reader.core.acuse_home.absolute() / "secrets" / "VAULT_KEY"))
    first = await services[AccountsService].ensure_first_admin()
    if first is not None:
        run.say(f"Primer administrador: usuario {first.cuit}, contraseña temporal {first.password}")
        run.say("Se muestra sólo esta vez; al entrar se pide cambiarla.")
    run.say(f"Acuse atiende en {address}")


def _worker(run: HouseRunner) -> App:
    app = App(name="worker", help="Hacer el trabajo en segundo plano en un proceso aparte (ACUSE_WORKERS=external).")

    @app.default
    async def worker() -> None:
        """Trabajar hasta Ctrl-C; lo que corre se termina o vuelve a la fila."""
        reader = SettingsReader()
        configure(reader.core.log_level, reader.core.log_format)
        async with open_house(reader) as house, open_features(house) as services:
            await house.cpu.warm_up()
            working = create_worker(house, services)
            if port := reader.read(JobSettings).acuse_worker_metrics_port:
                _show_metrics(reader.core.acuse_listen_host, port)
            loop = asyncio.get_running_loop()
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(each, lambda: asyncio.ensure_future(working.stop()))
            run.say("El trabajador está en marcha.")
            await working.run()

    return app


def _show_metrics(host: str, port: int) -> None:
    """Let Prometheus read this process on any path, from a thread that ends with it."""
    try:
        start_http_server(port, host)
    except OSError as error:
        problem = f"el puerto {port} de ACUSE_WORKER_METRICS_PORT está ocupado o no se puede usar."
        raise Misconfigured(problem=problem) from error


def _simulate(run: HouseRunner) -> App:
    app = App(name="simulate", help="Los servicios del SAT simulados, con sus protocolos reales, en un puerto local.")

    @app.default
    async def simulate(
        *,
        port: int = 8600,
        cfdis: int = 5000,
        year: int | None = None,
        taxpayers: Annotated[int, Parameter(validator=Number(gte=1, lte=200))] = 1,
        home: Annotated[Path, Parameter(help="Carpeta para la e.firma y el CSD de prueba.")] = Path("var/simuladores"),
    ) -> None:
        """Servir los simuladores hasta Ctrl-C.

        Parameters
        ----------
        port
            Puerto local; 0 elige uno libre.
        cfdis
            Cuántos CFDI tiene el contribuyente de prueba.
        year
            El año de esos CFDI; el anterior si falta. Los de 2022 y antes van en CFDI 3.3 o 3.2.
        taxpayers
            Cuántos contribuyentes de prueba hay. Los demás tienen menos CFDI, y todos se facturan entre sí.
        """
        configure("info", "json" if run.as_json else "text")
        await run_simulators(port=port, cfdis=cfdis, year=year, taxpayers=taxpayers, home=home)

    return app
