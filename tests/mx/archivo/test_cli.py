"""`acuse cfdi` at a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from acuse.kernel.audit import Actor
from acuse.mx.archivo import ArchivoService, XmlNotStored
from acuse.mx.archivo.cli import commands
from tests.mx.archivo.conftest import Office, Put
from tests.support.cfdis import a_metadata_package, an_xml_package, entries_of, some_xml

S = TypeVar("S")


class Desk:
    """A runner over a service that is already open; keeps what was shown and said."""

    def __init__(self, service: ArchivoService) -> None:
        self._service = service
        self.shown: list[Any] = []
        self.said: list[str] = []

    @property
    def actor(self) -> Actor:
        return Actor(None, "CLI (prueba)")

    @asynccontextmanager
    async def service(self, kind: type[S]) -> AsyncIterator[S]:
        assert isinstance(self._service, kind)
        yield self._service

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:  # noqa: ARG002 - the Runner's signature
        self.shown.append(value)

    def say(self, text: str) -> None:
        self.said.append(text)

    async def run(self, *tokens: str) -> None:
        await commands(self).run_async(tokens, result_action="return_value")


@pytest.fixture
async def desk(archive: ArchivoService, office: Office, put: Put) -> Desk:
    entries = entries_of("E")
    await archive.ingest_metadata_package(office.kemper, await put("m", a_metadata_package(entries)), "E")
    await archive.ingest_xml_package(office.kemper, await put("x", an_xml_package(entries[1:])), "E")
    return Desk(archive)


async def test_list_pages_through_what_matches(desk: Desk) -> None:
    await desk.run("list", "--tipo", "EMITIDO", "--efecto", "ingreso", "--desde", "2025-03-01", "--hasta", "2025-05-31",
                   "--limite", "5")  # fmt: skip
    expected = [
        entry.uuid for entry in reversed(entries_of("E")) if entry.efecto == "I" and 3 <= entry.fecha.month <= 5
    ]
    assert [row["uuid"] for row in desk.shown[0]] == expected[:5]
    cursor = desk.said[0].rpartition(" ")[2]
    await desk.run("list", "--efecto", "ingreso", "--desde", "2025-03-01", "--hasta", "2025-05-31", "--cursor", cursor)
    assert [row["uuid"] for row in desk.shown[1]] == expected[5:]


async def test_xml_is_saved_or_written_out(
    desk: Desk, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry, xml = next(pair for pair in some_xml() if pair[0] == entries_of("E")[4])
    await desk.run("xml", entry.uuid, "--output", str(tmp_path / "x.xml"))
    assert (tmp_path / "x.xml").read_bytes() == xml
    await desk.run("xml", entry.uuid.lower())
    assert capfdbinary.readouterr().out == xml
    with pytest.raises(XmlNotStored):
        await desk.run("xml", entries_of("E")[0].uuid)


async def test_summary_counts_the_year(desk: Desk) -> None:
    await desk.run("summary", "--year", "2025")
    assert sum(row["cfdi"] for row in desk.shown[0]) == len(entries_of("E"))
    assert sum(row["sin_xml"] for row in desk.shown[0]) == 1
