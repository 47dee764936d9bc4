"""Builds the archive's service and declares what it adds to the house."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cyclopts import App
from pydantic import Field

from acuse.accounts.rights import Right
from acuse.kernel.commands import Runner
from acuse.kernel.feature import Check, Feature, Finding, HomePanel, MenuEntry, Mounted, SearchBox, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSubject
from acuse.kernel.settings import Cron, Settings
from acuse.mx.archivo import api, pages
from acuse.mx.archivo.cli import commands, reindex_commands
from acuse.mx.archivo.jobs import jobs, schedules
from acuse.mx.archivo.model import DocumentPanels, ExplorerTools
from acuse.mx.archivo.service import ArchivoService, DocumentosService, RereadingService
from acuse.mx.archivo.store import rfcs_of_paquetes
from acuse.mx.contribuyentes import ContribuyentesService


class ArchivoSettings(Settings):
    """El archivo de CFDI."""

    schedule_cfdi_reindex: Cron = Field(
        "15 3 * * *",
        description="Cuándo se releen los paquetes que indexó una versión anterior (cron, Ciudad de México).",
    )


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    service = ArchivoService(
        database=house.database,
        contribuyentes=services[ContribuyentesService],
        files=house.files,
        cpu=house.cpu,
        events=house.events,
        clock=house.clock,
    )
    documents = DocumentosService(archive=service, database=house.database, cpu=house.cpu)
    rereading = RereadingService(
        database=house.database,
        indexer=service.indexer,
        contribuyentes=services[ContribuyentesService],
        events=house.events,
    )

    async def index() -> Finding:
        left = await rereading.count()
        if not left:
            return Finding("ok", "Todos los paquetes están leídos por esta versión.")
        many = "1 paquete se indexó" if left == 1 else f"{left} paquetes se indexaron"
        return Finding("warning", f"{many} con otra versión: se releen en la noche, o ya con `acuse archivo reindex`.")

    return Mounted(
        services=[service, documents, rereading, DocumentPanels(), ExplorerTools()],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(rereading),
        subjects=[JobSubject(argument="indexed_paquete_id", told=rfcs_of_paquetes)],
        schedules=schedules(rereading, house.settings.read(ArchivoSettings).schedule_cfdi_reindex),
        checks=[Check(caption="Índice de CFDI", run=index)],
        menu=[MenuEntry(section="", label="CFDI", path=pages.HOME, icon="document", right=Right.CFDI_READ, order=30)],
        search=SearchBox(
            right=Right.CFDI_READ, path=pages.HOME, name="texto", label="Buscar CFDI por contraparte o folio"
        ),
        home=[HomePanel(right=Right.CFDI_READ, render=pages.home_panel, order=30)],
        templates=Path(__file__).parent / "templates",
    )


def _commands(run: Runner) -> Sequence[App]:
    return [commands(run), reindex_commands(run)]


FEATURE = Feature(
    name="archivo",
    country="mx",
    caption="Los CFDI guardados: índice, búsqueda, XML y resumen por mes.",
    build=build,
    settings=(ArchivoSettings,),
    commands=_commands,
)
