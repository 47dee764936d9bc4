"""Builds the service of months in figures and declares what it adds to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts.rights import Right
from acuse.kernel.feature import Feature, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.mx.archivo import MonthsStore
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.resumen import api, pages
from acuse.mx.resumen.cli import commands
from acuse.mx.resumen.service import ResumenService
from acuse.mx.resumen.store import ResumenStore


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    service = ResumenService(
        database=house.database,
        store=ResumenStore(MonthsStore()),
        contribuyentes=services[ContribuyentesService],
        clock=house.clock,
    )
    return Mounted(
        services=[service],
        api=[api.router],
        pages=[pages.router],
        menu=[
            MenuEntry(
                section="",
                label="Resumen",
                path=pages.HOME,
                icon="chart",
                right=Right.CFDI_READ,
                order=33,
            )
        ],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="resumen",
    country="mx",
    caption="Los meses de un contribuyente en cifras: emitido, recibido, impuestos y pagos.",
    build=build,
    commands=commands,
)
