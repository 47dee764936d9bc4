"""The demonstration's catalogue: look-alikes that a reseller can download, made once."""

from __future__ import annotations

from acuse.ar.crs.service import CatalogueService, Radar
from acuse.cli.demo.controladores import fill_catalogue
from tests.support.crs import Site


async def test_is_filled_once_and_has_devices_about_to_end(site: Site) -> None:
    catalogue = site.services[CatalogueService]
    ids = await fill_catalogue(catalogue, site.house.clock)
    assert len(ids) == 8
    assert await fill_catalogue(catalogue, site.house.clock) == ids
    ending = await site.services[Radar].ending()
    assert [one.days_left(site.house.clock.now()) for one in ending] == [6, 28, 45]
