"""Builds the service of months and declares what it adds to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts.rights import Right
from acuse.kernel.feature import Feature, HomePanel, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.mx.archivo import MonthsStore
from acuse.mx.completitud import api, pages
from acuse.mx.completitud.cli import commands
from acuse.mx.completitud.service import CompletitudService
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.store import CoverageStore


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    service = CompletitudService(
        database=house.database,
        held=MonthsStore(),
        coverage=CoverageStore(),
        contribuyentes=services[ContribuyentesService],
        clock=house.clock,
    )
    return Mounted(
        services=[service],
        api=[api.router],
        pages=[pages.router],
        menu=[
            MenuEntry(section="", label="Completitud", path=pages.HOME, icon="calendar", right=Right.SAT_READ, order=25)
        ],
        home=[HomePanel(right=Right.SAT_READ, render=pages.home_panel, order=15)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="completitud",
    country="mx",
    caption="Qué hay de cada mes: lo que conoce el SAT, lo que está aquí y lo que falta.",
    build=build,
    commands=commands,
)
