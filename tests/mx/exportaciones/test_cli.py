"""`acuse cfdi export` at a desk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from acuse.kernel.audit import SYSTEM, Actor
from acuse.mx.exportaciones import ExportService
from acuse.mx.exportaciones.cli import commands
from acuse.mx.exportaciones.errors import ExportFileNotWritten
from tests.mx.archivo.test_web import NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.cfdis import TAXPAYER

S = TypeVar("S")


class Desk:
    """A runner over a site that is already open; keeps what was shown."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.shown: list[Any] = []

    @property
    def actor(self) -> Actor:
        return Actor(None, "CLI (prueba)")

    @asynccontextmanager
    async def service(self, kind: type[S]) -> AsyncIterator[S]:
        yield self._site.services[kind]

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:  # noqa: ARG002 - the Runner's signature
        self.shown.append(value)

    def say(self, text: str) -> None:
        raise AssertionError(text)

    async def run(self, *tokens: str) -> None:
        await commands(self).run_async(tokens, result_action="return_value")


@pytest.fixture
def desk(site: Site, alice: Visitor) -> Desk:
    assert alice
    return Desk(site)


async def test_the_filtered_set_stands_in_the_file_and_nothing_stays(site: Site, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    await desk.run("export", "zip", "--rfc", TAXPAYER.rfc, "--efecto", "pago", "--output", str(path))
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xml")]
    wanted = [entry for entry in NEWEST[5:] if entry.efecto == "P"]
    assert len(names) == len(wanted)
    assert desk.shown[0]["archivo"] == str(path)
    assert desk.shown[0]["hechos"] == sum(entry.efecto == "P" for entry in NEWEST)
    assert await site.house.files.list("exportaciones") == []
    assert await site.services[ExportService].list(SYSTEM) == []


async def test_nothing_is_written_over(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("mío")
    with pytest.raises(ExportFileNotWritten):
        await desk.run("export", "csv", "--output", str(path))
    assert path.read_text() == "mío"
