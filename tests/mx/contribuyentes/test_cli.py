from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from acuse.kernel.audit import Actor
from acuse.kernel.commands import FileUnreadable
from acuse.mx.contribuyentes.cli import commands
from acuse.mx.contribuyentes.errors import AccesoNotFound, EfirmaNotFound
from acuse.mx.contribuyentes.schemas import ContribuyenteOut, EfirmaOut
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.pki.errors import WrongKeyPassword
from tests.mx.contribuyentes.conftest import People
from tests.support.efirmas import PASSWORD, PERSON, an_efirma

RFC = str(PERSON.rfc)
S = TypeVar("S")


class Desk:
    """A runner over a service that is already open; keeps what was shown and said."""

    def __init__(self, service: object) -> None:
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

    async def run(self, *tokens: str, group: str = "efirma") -> None:
        app = next(app for app in commands(self) if app.name[0] == group)
        await app.run_async(tokens, result_action="return_value")


@pytest.fixture
def desk(service: ContribuyentesService) -> Desk:
    return Desk(service)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files as the SAT hands them out, and the password in a file with a line end of Windows."""
    place = tmp_path / "efirma"
    place.mkdir()
    (place / "x.cer").write_bytes(an_efirma().cer)
    (place / "x.key").write_bytes(an_efirma().key)
    (place / "password").write_bytes(PASSWORD.encode() + b"\r\n")
    return place


def upload(folder: Path, *more: str) -> Sequence[str]:
    return ["upload", str(folder / "x.cer"), str(folder / "x.key"), *more]


async def test_load_look_list_and_delete(desk: Desk, folder: Path) -> None:
    await desk.run(*upload(folder, "--password-file", str(folder / "password")))
    await desk.run("status", RFC.lower())
    await desk.run("list")
    loaded, status, listed = desk.shown
    assert isinstance(loaded, ContribuyenteOut)
    assert isinstance(status, EfirmaOut)
    assert (loaded.rfc, status.numero_serie) == (RFC, an_efirma().pair.certificate.number)
    assert [(row["rfc"], row["estado"]) for row in listed] == [(RFC, "vigente")]
    await desk.run("delete", RFC, "--yes")
    with pytest.raises(EfirmaNotFound):
        await desk.run("status", RFC)


async def test_the_password_may_come_by_standard_input(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PASSWORD.encode() + b"\n")))
    await desk.run(*upload(folder, "--password-stdin"))
    assert len(desk.shown) == 1


async def test_delete_asks_first(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.run(*upload(folder, "--password-file", str(folder / "password")))
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    await desk.run("delete", RFC)
    await desk.run("status", RFC)
    monkeypatch.setattr(sys, "stdin", io.StringIO("sí\n"))
    await desk.run("delete", RFC)
    with pytest.raises(EfirmaNotFound):
        await desk.run("status", RFC)


async def test_a_file_that_is_not_there_and_a_wrong_password_are_told(desk: Desk, folder: Path) -> None:
    with pytest.raises(FileUnreadable):
        await desk.run(
            "upload", str(folder / "no.cer"), str(folder / "x.key"), "--password-file", str(folder / "x.cer")
        )
    with pytest.raises(WrongKeyPassword):
        await desk.run(*upload(folder, "--password-file", str(folder / "x.cer")))


def test_no_option_takes_the_password_itself(desk: Desk) -> None:
    options = {
        name for argument in commands(desk)[1]["upload"].assemble_argument_collection() for name in argument.names
    }
    assert "--password-file" in options
    assert "--password" not in options


async def test_an_office_without_a_browser(desk: Desk, people: People) -> None:
    async def run(*tokens: str) -> None:
        await desk.run(*tokens, group="contribuyentes")

    await run("add", RFC, "--name", "Carlos", "--owner", str(people.alice.id))
    await run("edit", RFC, "--daily", "--retenciones")
    await run("grant", RFC, "00000000102", "operacion")
    await run("access", RFC)
    assert [(row["nombre"], row["nivel"]) for row in desk.shown[-1]] == [("Alice", "dueño"), ("Bob", "operacion")]
    await run("revoke", RFC, "00000000102")
    with pytest.raises(AccesoNotFound):
        await run("revoke", RFC, "00000000102")
    await run("list")
    assert desk.shown[-1] == [
        {
            "rfc": RFC,
            "nombre": "Carlos",
            "estado": "sin_efirma",
            "dias_restantes": None,
            "descarga_diaria": True,
            "retenciones_diarias": True,
        }
    ]
