"""Serves all simulators on one loopback port, and says where and with which credentials."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from acuse.ar.outside.arca.simulator import ArcaState
from acuse.ar.outside.arca.simulator import control_routes as arca_switches
from acuse.ar.outside.arca.simulator import create_app as create_arca
from acuse.kernel.clock import MovableClock
from acuse.kernel.errors import Misconfigured
from acuse.mx.outside.sat_consulta.simulator import control_routes as consulta_switches
from acuse.mx.outside.sat_consulta.simulator import create_app as create_consulta
from acuse.mx.outside.sat_descarga.simulator import Limits, create_app
from acuse.mx.outside.sat_descarga.simulator import control_routes as sat_switches
from acuse.mx.outside.sat_listas.simulator import control_routes as lista_switches
from acuse.mx.outside.sat_listas.simulator import create_app as create_listas
from acuse.simulators.arca import Company, build_arca
from acuse.simulators.consulta import build_consulta
from acuse.simulators.control import control_routes
from acuse.simulators.listas import build_lista
from acuse.simulators.mailbox import Mailbox, create_page
from acuse.simulators.page import render_index
from acuse.simulators.sat import World
from acuse.simulators.shelf import Credential, Member, Shelf, open_shelf

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Description:
    """Where the simulators answer and whom they know. File paths are absolute."""

    url: str
    sat: str
    control: str
    mailbox: str
    smtp_port: int
    rfc: str
    name: str
    year: int
    cfdis: int
    efirma: dict[str, str]
    csd: dict[str, str]
    taxpayers: list[dict[str, Any]]
    """All of them, the first one too: each its `rfc`, `name`, `cfdis`, `efirma` and `csd`."""
    arca: str
    company: dict[str, str]
    """The company that may call ARCA: `cuit`, and its files `cer` and `key` (without a password)."""

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self)


async def run_simulators(
    *,
    port: int,
    cfdis: int,
    year: int | None,
    home: Path,
    taxpayers: int = 1,
    announce: Callable[[Description], None] | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve until stopped: the first taxpayer with about `cfdis`, the others with a share of them.

    `announce` is called once the port answers; without it the description is printed.
    Port 0 takes a free one; the year before the present one is taken when none is given. Raises Misconfigured.
    """
    clock = MovableClock(running=True)
    year = year or clock.now().year - 1
    with closing(_bind(port)) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        shelf = await asyncio.to_thread(open_shelf, home, clock.now(), taxpayers)
        world = await asyncio.to_thread(World, shelf, cfdis=cfdis, year=year, clock=clock, limits=limits)
        Thread(target=world.warm, daemon=True).start()
        arca, company = await asyncio.to_thread(build_arca, home, clock)
        async with Mailbox(now=clock.now) as mailbox:
            description = _describe(url, shelf, world, company, smtp_port=mailbox.port, year=year)
            app = build_app(world, arca, mailbox, clock, description)
            server = _Server(app, lambda: (announce or print_description)(description))
            await server.serve(sockets=[listening])


def build_app(
    world: World, arca: ArcaState, mailbox: Mailbox, clock: MovableClock, description: Description
) -> Starlette:
    """Build the application of all simulators."""
    sat = world.sat
    lista = build_lista(world, clock)
    consulta = build_consulta(sat, lista)

    async def index(_: Request) -> Response:
        return HTMLResponse(render_index(_sections(description)))

    return Starlette(
        routes=[
            Route("/", index, methods=["GET"]),
            Mount("/sat/listas", app=create_listas(lista)),
            Mount("/sat/consulta", app=create_consulta(consulta)),
            Mount("/sat", app=create_app(sat)),
            Mount("/arca", app=create_arca(arca)),
            Mount("/buzon", app=create_page(mailbox)),
            Mount(
                "/control",
                routes=control_routes(
                    clock,
                    {
                        "sat": sat_switches(sat),
                        "consulta": consulta_switches(consulta),
                        "listas": lista_switches(lista),
                        "arca": arca_switches(arca),
                    },
                ),
            ),
        ]
    )


def print_description(description: Description) -> None:
    """Print the description as JSON, and one sentence for a person beside it."""
    sys.stdout.write(json.dumps(description.as_dict(), ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()
    sys.stderr.write(f"Simuladores en {description.url}. Ctrl-C para terminar.\n")


class _Server(uvicorn.Server):
    """Uvicorn that tells when its port answers. Answers carry the simulators' own Date."""

    def __init__(self, app: Starlette, ready: Callable[[], None]) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # an answer cut on purpose is no error
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _bind(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise Misconfigured(
            problem=f"el puerto {port} está ocupado o no se puede usar. Elige otro con --port."
        ) from error
    listening.set_inheritable(False)
    return listening


def _describe(url: str, shelf: Shelf, world: World, company: Company, *, smtp_port: int, year: int) -> Description:
    taxpayers = [_taxpayer(member, len(world.holdings[member.taxpayer.rfc])) for member in shelf.members]
    first = shelf.members[0]
    return Description(
        url=url,
        sat=f"{url}/sat",
        control=f"{url}/control",
        mailbox=f"{url}/buzon/",
        smtp_port=smtp_port,
        rfc=first.taxpayer.rfc,
        name=first.taxpayer.nombre,
        year=year,
        cfdis=len(world.holdings[first.taxpayer.rfc]),
        efirma=_files(first.efirma),
        csd=_files(first.csd),
        taxpayers=taxpayers,
        arca=f"{url}/arca",
        company={"cuit": company.cuit, "cer": str(company.cer), "key": str(company.key)},
    )


def _taxpayer(member: Member, cfdis: int) -> dict[str, Any]:
    return {
        "rfc": member.taxpayer.rfc,
        "name": member.taxpayer.nombre,
        "cfdis": cfdis,
        "efirma": _files(member.efirma),
        "csd": _files(member.csd),
    }


def _files(credential: Credential) -> dict[str, str]:
    return {"cer": str(credential.cer), "key": str(credential.key), "password": credential.password}


def _sections(description: Description) -> list[tuple[str, list[tuple[str, str]]]]:
    sat = description.sat
    return [
        (
            "SAT, Descarga Masiva v1.5",
            [
                ("Autenticación", f"{sat}/cfdi/Autenticacion/Autenticacion.svc"),
                ("Solicitud", f"{sat}/cfdi/SolicitaDescargaService.svc"),
                ("Verificación", f"{sat}/cfdi/VerificaSolicitudDescargaService.svc"),
                ("Descarga", f"{sat}/cfdi/DescargaMasivaService.svc"),
                ("Retenciones", f"{sat}/retenciones/… (los mismos cuatro servicios)"),
                ("Reloj, fallas y límites", f"{description.control}/sat/"),
                ("Lo que vio", f"{description.control}/sat/ledger"),
            ],
        ),
        (
            "SAT, consulta de un CFDI",
            [
                ("Servicio", f"{sat}/consulta/ConsultaCFDIService.svc"),
                ("Cancelar, fallas", f"{description.control}/consulta/"),
            ],
        ),
        (
            "SAT, listado del artículo 69-B",
            [
                ("Archivo", f"{sat}/listas/Listado_completo_69-B.csv"),
                ("Fecha, renglones", f"{description.control}/listas/"),
            ],
        ),
        (
            "ARCA, certificados de controladores fiscales",
            [
                ("WSAA", f"{description.arca}/ws/services/LoginCms"),
                ("ARBCCF", f"{description.arca}/controladores-fiscales-ws/CertificadosService/CertificadosBean"),
                ("Fallas, equipos", f"{description.control}/arca/"),
                ("CUIT de la empresa", description.company["cuit"]),
                ("Certificado", description.company["cer"]),
                ("Llave", description.company["key"]),
            ],
        ),
        ("Correo", [("Buzón", description.mailbox), ("SMTP", f"{HOST}:{description.smtp_port}")]),
        *(
            (
                "Contribuyente de prueba" if place == 1 else f"Contribuyente de prueba {place}",
                [
                    ("RFC", each["rfc"]),
                    ("Nombre", each["name"]),
                    ("CFDI", f"{each['cfdis']} de {description.year}"),
                    ("e.firma", each["efirma"]["cer"]),
                    ("Llave", each["efirma"]["key"]),
                    ("Contraseña", each["efirma"]["password"]),
                ],
            )
            for place, each in enumerate(description.taxpayers, start=1)
        ),
    ]
