"""Builds the archive's service and declares what it adds to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts.rights import Right
from acuse.kernel.feature import Feature, HomePanel, MenuEntry, Mounted, SearchBox, Services
from acuse.kernel.house import House
from acuse.mx.archivo import api, pages
from acuse.mx.archivo.cli import commands
from acuse.mx.archivo.model import DocumentPanels, ExplorerTools
from acuse.mx.archivo.service import ArchivoService, DocumentosService
from acuse.mx.contribuyentes import ContribuyentesService


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
    return Mounted(
        services=[service, documents, DocumentPanels(), ExplorerTools()],
        api=[api.router],
        pages=[pages.router],
        menu=[
            MenuEntry(section="", label="CFDI", path=pages.HOME, icon="document", right=Right.CFDI_READ.value, order=30)
        ],
        search=SearchBox(
            right=Right.CFDI_READ, path=pages.HOME, name="texto", label="Buscar CFDI por contraparte o folio"
        ),
        home=[HomePanel(right=Right.CFDI_READ.value, render=pages.home_panel, order=30)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="archivo",
    caption="Los CFDI guardados: índice, búsqueda, XML y resumen por mes.",
    build=build,
    commands=commands,
)
