"""`acuse crs statement`: close a month, list, prove a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from acuse.ar.resumenes.cli import commands
from acuse.ar.resumenes.errors import MonthClosed, MonthInvalid, MonthNotOver
from acuse.kernel.commands import FileUnreadable
from tests.ar.resumenes.test_resumenes import IN_APRIL, at, download
from tests.ar.resumenes.test_resumenes import bob as bob
from tests.ar.resumenes.test_resumenes import site as site
from tests.support.crs import Site, Visitor
from tests.support.terminal import Terminal


@pytest.fixture
def terminal(site: Site) -> Terminal:
    return Terminal(site.services, commands)


async def test_a_month_is_closed_once_and_listed(terminal: Terminal, site: Site, bob: Visitor) -> None:
    await download(site, bob, await site.certificate())
    with pytest.raises(MonthNotOver):
        await terminal.run("statement", "close", "2026-03")
    at(site, IN_APRIL)
    await terminal.run("statement", "close", "2026-03")
    assert terminal.shown == [{"mes": "2026-03", "resumenes": 1}]
    with pytest.raises(MonthClosed):
        await terminal.run("statement", "close", "2026-03")
    await terminal.run("statement", "list", "--month", "2026-03")
    [one] = terminal.shown[-1]
    assert (one["mes"], one["id_usuario"]) == ("2026-03", bob.user.id)
    await terminal.run("statement", "list", "--month", "2026-02", "--limit", "0")
    assert terminal.shown[-1] == []
    [closed] = await site.audited("CLOSE_STATEMENTS")
    assert closed.actor_nombre == terminal.actor.name


@pytest.mark.parametrize("typed", ["2026-13", "marzo"])
async def test_what_is_no_month_is_refused(terminal: Terminal, typed: str) -> None:
    with pytest.raises(MonthInvalid):
        await terminal.run("statement", "close", typed)


async def test_a_file_is_proven_and_ends_in_1_when_it_is_another(
    terminal: Terminal, site: Site, bob: Visitor, tmp_path: Path
) -> None:
    await download(site, bob, await site.certificate())
    at(site, IN_APRIL)
    await terminal.run("statement", "close", "2026-03")
    await terminal.run("statement", "list")
    pdf = (await bob.api.get(f"/api/v1/crs/resumenes/{terminal.shown[-1][0]['id_resumen']}/pdf")).content
    (tmp_path / "r.pdf").write_bytes(pdf)
    (tmp_path / "otro.pdf").write_bytes(pdf + b" ")
    assert await terminal.run("statement", "verify", str(tmp_path / "r.pdf")) == 0
    assert terminal.shown[-1]["resultado"] == "autentico"
    assert await terminal.run("statement", "verify", str(tmp_path / "otro.pdf")) == 1
    with pytest.raises(FileUnreadable):
        await terminal.run("statement", "verify", str(tmp_path / "no.pdf"))
