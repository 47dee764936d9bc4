"""Builds the services of imports and declares what they add to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.kernel.feature import Feature, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSubject
from acuse.mx.archivo import ArchivoService, ExplorerTools
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.importaciones import api, pages
from acuse.mx.importaciones.cli import commands
from acuse.mx.importaciones.jobs import jobs
from acuse.mx.importaciones.service import ImportAtDesk, Importer, ImportService
from acuse.mx.importaciones.store import ImportStore, KnownStore, subjects_of


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    contribuyentes = services[ContribuyentesService]
    importer = Importer(
        database=house.database,
        known=KnownStore(),
        archivo=services[ArchivoService],
        files=house.files,
        cpu=house.cpu,
    )
    service = ImportService(
        database=house.database,
        store=ImportStore(),
        importer=importer,
        contribuyentes=contribuyentes,
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
    )
    at_desk = ImportAtDesk(database=house.database, importer=importer, contribuyentes=contribuyentes, audit=house.audit)
    services[ExplorerTools].add_always(pages.tools)
    return Mounted(
        services=[service, at_desk],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(service),
        subjects=[JobSubject(argument="import_id", told=subjects_of)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="importaciones",
    caption="Traer un archivo existente de CFDI: carpetas y ZIP de XML, de paquetes y de metadatos.",
    build=build,
    commands=commands,
)
