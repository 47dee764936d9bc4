"""The command itself: set the stage, run the errand, keep the house open."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from acuse.accounts import AccountsService
from acuse.ar.crs.service import CatalogueService
from acuse.ar.emision.service import CredentialService
from acuse.cli.demo.caller import Caller
from acuse.cli.demo.controladores import fill_catalogue, open_arca
from acuse.cli.demo.errand import Errand, Line
from acuse.cli.demo.people import Login, ensure_people, people
from acuse.cli.demo.screen import Screen
from acuse.cli.demo.stage import Stage, stage
from acuse.cli.runner import HouseRunner
from acuse.kernel.audit import SYSTEM
from acuse.mx.listas import ListasService
from acuse.simulators import corpus_size


def commands(run: HouseRunner) -> Sequence[App]:  # noqa: ARG001 - the signature all commands share
    """Make the command."""
    app = App(name="demo", help="Ver el trabajo principal de principio a fin, sólo en este equipo.")

    @app.default
    async def demo(
        *,
        once: Annotated[bool, Parameter(negative="")] = False,
        home: Path = Path("var/demo"),
        port: int | None = None,
        cfdis: Annotated[int, Parameter(validator=Number(gte=100))] = 5000,
        taxpayers: Annotated[int, Parameter(validator=Number(gte=1, lte=50))] = 1,
    ) -> None:
        """Bajar un año de CFDI de un contribuyente de prueba desde el SAT simulado, y dejar Acuse abierto.

        Parameters
        ----------
        once
            Terminar al acabar el trabajo; el resultado es 0 si no falta nada.
        home
            Carpeta de la demostración. Con la misma carpeta no se repite nada.
        port
            Puerto de la aplicación; 8000 si está libre.
        cfdis
            Cuántos CFDI emitidos tiene el año, más o menos.
        taxpayers
            Cuántos contribuyentes de prueba hay, que también se facturan entre sí.
        """
        await perform(home, port=port, cfdis=cfdis, taxpayers=taxpayers, once=once, screen=Screen())

    return [app]


async def perform(home: Path, *, port: int | None, cfdis: int, once: bool, screen: Screen, taxpayers: int = 1) -> None:
    """Do the whole demonstration; unless `once`, stay open until stopped. Raises DemoIncomplete."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # being stopped closes everything, as Ctrl-C does
    screen.title("Acuse · demostración con el SAT simulado")
    async with stage(home, port=port, cfdis=corpus_size(cfdis), taxpayers=taxpayers, screen=screen) as ready:
        work = asyncio.create_task(_work(ready, screen))
        await asyncio.wait({work, ready.serving}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            return
        logins, lines = work.result()
        ready.record.set(ready=True)
        screen.summary(lines, _addresses(ready), logins)
        if once:
            screen.note("Acuse se cierra, como se pidió; sin --once queda abierto, y nada se repite.")
        else:
            screen.note("Acuse sigue abierto. Ctrl-C para terminar.")
            await ready.serving


async def _work(ready: Stage, screen: Screen) -> tuple[Sequence[Login], Sequence[Line]]:
    told = ready.told
    logins = await ensure_people(ready.services[AccountsService], people(told.rfc, told.name))
    ready.record.set(users=[login.as_dict() for login in logins])
    certificates = await fill_catalogue(ready.services[CatalogueService], ready.house.clock)
    ready.record.set(certificate_ids=certificates)
    await open_arca(ready.services[CredentialService], ready.house.http, told)
    screen.step(f"Catálogo de controladores fiscales con {len(certificates)} certificados de muestra")
    owner = next(login.person for login in logins if login.person.tax_id == told.rfc)
    caller = Caller(ready.house.http, ready.url, tax_id=owner.tax_id, password=owner.password)
    errands = [
        Errand(caller, rfc=each["rfc"], efirma=each["efirma"], year=told.year, log=ready.log) for each in told.taxpayers
    ]
    plans = [
        await _send(errand, each["rfc"], told.year, screen)
        for errand, each in zip(errands, told.taxpayers, strict=True)
    ]
    lines: list[Line] = []
    for errand, plan, each in zip(errands, plans, told.taxpayers, strict=True):
        if len(errands) > 1:
            screen.note(f"Las 14 de {each['rfc']}")
        with screen.fourteen() as moving:
            lines += await errand.watch(plan, moving.show)
    listas = ready.services[ListasService]
    version = await listas.fetch()
    found = len(await listas.listed(SYSTEM))
    screen.step(f"Lista del artículo 69-B del {version.as_of:%d/%m/%Y}: {found} contrapartes están en ella")
    return logins, lines


async def _send(errand: Errand, rfc: str, year: int, screen: Screen) -> str:
    """Load the e.firma, ask for the year and answer the plan."""
    until = await errand.load_efirma()
    screen.step(f"e.firma de {rfc} cargada y sellada, vigente hasta el {until:%d/%m/%Y}")
    plan, created = await errand.send_the_fourteen()
    new = f"{created} nuevas" if created else "ya estaban"
    screen.step(f"Las 14 solicitudes de {year}: 2 de Metadata y 12 de CFDI emitidos ({new})")
    return plan


def _addresses(ready: Stage) -> Sequence[tuple[str, str]]:
    return [
        ("Acuse", ready.url),
        ("API", f"{ready.url}/docs"),
        ("Simuladores", ready.told.url),
        ("Buzón de correo", ready.told.mailbox),
        ("Archivos y datos", str(ready.home)),
    ]
