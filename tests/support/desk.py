"""A command line over services that are already open: keeps what was shown and said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from cyclopts import App

from acuse.kernel.audit import Actor
from acuse.kernel.commands import Runner
from acuse.kernel.feature import Services

S = TypeVar("S")


class Desk:
    """A runner, and the commands of one feature."""

    def __init__(self, services: Services, commands: Callable[[Runner], App]) -> None:
        self._services = services
        self._commands = commands
        self.shown: list[Any] = []
        self.said: list[str] = []

    @property
    def actor(self) -> Actor:
        """Who works here."""
        return Actor(None, "CLI (prueba)")

    @asynccontextmanager
    async def service(self, kind: type[S]) -> AsyncIterator[S]:
        """The service asked for."""
        yield self._services[kind]

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:  # noqa: ARG002 - the Runner's signature
        """Keep what would be printed."""
        self.shown.append(value)

    def say(self, text: str) -> None:
        """Keep what would be said."""
        self.said.append(text)

    async def run(self, *tokens: str) -> Any:
        """Run one command and answer what it showed last."""
        await self._commands(self).run_async(tokens, result_action="return_value")
        return self.shown[-1] if self.shown else None
