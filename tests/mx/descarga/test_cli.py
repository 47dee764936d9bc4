"""`acuse sat` as the machine's owner types it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from acuse.kernel.audit import Actor
from acuse.mx.descarga.cli import commands
from acuse.mx.descarga.errors import SolicitudDuplicada
from acuse.mx.outside.sat_descarga.simulator import Family
from tests.mx.descarga.conftest import RFC, Office

S = TypeVar("S")


@dataclass
class Terminal:
    """Runs commands over an open house and keeps what they show."""

    office: Office
    shown: list[Any] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        return Actor(None, "root (línea de comandos)")

    @asynccontextmanager
    async def service(self, kind: type[S]) -> AsyncIterator[S]:
        yield self.office.services[kind]

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:  # noqa: ARG002 - a real signature
        self.shown.append(value.model_dump(mode="json") if hasattr(value, "model_dump") else value)

    def say(self, text: str) -> None:
        self.said.append(text)

    async def run(self, *tokens: str) -> Any:
        await commands(self).run_async(list(tokens), exit_on_error=False, result_action="return_value")
        return self.shown[-1]


@pytest.fixture
def terminal(office: Office) -> Terminal:
    return Terminal(office)


async def test_one_from_request_to_packages(office: Office, terminal: Terminal) -> None:
    made = await terminal.run("request", RFC, "CFDI", "EMITIDOS", "2025-01-01", "2025-01-31")
    assert made["estado"] == "en_proceso"
    await office.pass_time(minutes=2)
    verified = await terminal.run("verify", made["id"])
    assert verified["estado"] == "lista"
    await office.run_jobs()
    assert (await terminal.run("show", made["id"]))["estado"] == "completa"
    (package,) = await terminal.run("packages", "--rfc", RFC)
    assert package["descargas"] == 1
    with pytest.raises(SolicitudDuplicada):
        await terminal.run("request", RFC, "CFDI", "EMITIDOS", "2025-01-01", "2025-01-31")


async def test_the_fourteen_and_the_rest(office: Office, terminal: Terminal) -> None:
    rows = await terminal.run("year", RFC, "2025")
    assert len(rows) == 14
    assert terminal.said[-1] == "14 nuevas de 14."
    assert len(await terminal.run("list")) == 14
    assert (await terminal.run("token", RFC))["rfc"] == RFC
    assert await terminal.run("sync") == {"contribuyentes": 1}
    await office.settle()
    assert {row["estado"] for row in await terminal.run("list", "--rfc", RFC)} <= {"completa", "sin_cfdi"}


async def test_retenciones_are_asked_of_their_own_service(office: Office, terminal: Terminal) -> None:
    words = ("--familia", "RETENCIONES")
    assert (await terminal.run("token", RFC, *words))["familia"] == "Retenciones"
    made = await terminal.run("request", RFC, "METADATA", "EMITIDOS", "2025-01-01", "2025-01-31", *words)
    assert made["familia"] == "Retenciones"
    rows = await terminal.run("year", RFC, "2025", "RECIBIDOS", *words)
    assert (len(rows), {row["familia"] for row in rows}) == (14, {"Retenciones"})
    assert {entry.family for entry in office.sat.ledger.entries} == {Family.RETENCIONES}
