"""`acuse listas` at a desk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from acuse.mx.listas.cli import commands
from acuse.mx.outside.sat_listas.errors import ListaUnreadable
from acuse.mx.outside.sat_listas.simulator import ListaState
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.listas.test_listas import ISSUER, alice, lista, site
from tests.support.cfdis import TAXPAYER
from tests.support.desk import Desk

__all__ = ["alice", "lista", "site"]


@pytest.fixture
def desk(site: Site, alice: Visitor) -> Desk:
    """The commands, over Alice's small year."""
    assert alice.user.is_active
    return Desk(site.services, commands)


async def test_the_list_is_fetched_and_the_counterparts_in_it_are_named(desk: Desk) -> None:
    version = await desk.run("import")
    assert (version["fecha"], version["renglones"], version["suprimidos"]) == ("2026-02-15", 204, 3)
    found = await desk.run("list")
    assert [(row["contribuyente"], row["rfc"], row["situacion"]) for row in found] == [
        (TAXPAYER.rfc, ISSUER.emisor_rfc, "Presunto")
    ]
    assert desk.said == []


async def test_a_file_is_taken_as_it_is_and_an_old_one_is_warned_of(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "lista.csv"
    file.write_bytes(ListaState(date(2025, 1, 31)).file())
    version = await desk.run("import", str(file))
    assert (version["fecha"], version["origen"]) == ("2025-01-31", "subida")
    assert any("31/01/2025" in text for text in desk.said)
    file.write_bytes(b"hola")
    with pytest.raises(ListaUnreadable):
        await desk.run("import", str(file))


async def test_before_any_list_nobody_is_named(desk: Desk) -> None:
    assert await desk.run("list") == []
