"""A terminal over services already built: what `acuse` runs, noting what was shown and said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from cyclopts import App
from pydantic import BaseModel

from acuse.kernel.audit import Actor
from acuse.kernel.commands import Runner
from acuse.kernel.feature import Services

S = TypeVar("S")


class Terminal:
    """A runner over the place of the test."""

    def __init__(self, services: Services, commands: Callable[[Runner], App | Sequence[App]]) -> None:
        self.actor = Actor(None, "CLI (prueba)")
        self.shown: list[Any] = []
        self.said: list[str] = []
        self._services = services
        found = commands(self)
        self._app = found if isinstance(found, App) else found[0]

    @asynccontextmanager
    async def service(self, kind: type[S]) -> AsyncIterator[S]:
        yield self._services[kind]

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:
        value = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        rows = value if isinstance(value, list) else [value]
        assert all(set(columns or ()) <= set(row) for row in rows)
        self.shown.append(value)

    def say(self, text: str) -> None:
        self.said.append(text)

    async def run(self, *tokens: str) -> Any:
        """Run a command; answer what it returns."""
        return await self._app.run_async(tokens, exit_on_error=False, print_error=False, result_action="return_value")
