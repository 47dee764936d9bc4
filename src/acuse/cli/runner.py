"""Runs one command: opens the house, hands out a service, shows the answer for a person or a machine."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from acuse.features import open_features
from acuse.kernel.audit import Actor
from acuse.kernel.errors import AppError
from acuse.kernel.house import House, open_house
from acuse.kernel.logs import configure
from acuse.kernel.settings import SettingsReader

S = TypeVar("S")
_ANY_WIDTH = 10_000


class HouseRunner:
    """The Runner of the command line. One is made per call of `acuse`."""

    def __init__(self) -> None:
        self.as_json = False
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    @property
    def actor(self) -> Actor:
        """Answer the person at the terminal, by the name of the system's account."""
        return Actor(None, f"CLI ({pwd.getpwuid(os.getuid()).pw_name})")

    @asynccontextmanager
    async def house(self) -> AsyncIterator[House]:
        """Open the house for this command: logs go to standard error, only warnings are told."""
        reader = SettingsReader()
        configure("warning", reader.core.log_format)
        async with open_house(reader) as house:
            yield house

    @asynccontextmanager
    async def service(self, kind: type[S]) -> AsyncIterator[S]:
        """Open the house and answer the built service of this class."""
        async with self.house() as house, open_features(house) as services:
            yield services[kind]

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:
        """Print plain data: JSON with `--json`, else a table (rows) or a list of fields."""
        plain = _plain(value)
        if self.as_json:
            self._out.print_json(json.dumps(plain, ensure_ascii=False))
        elif isinstance(plain, list):
            self._show_rows(plain, columns)
        elif isinstance(plain, dict):
            for name in columns or plain:
                self._out.print(f"[bold]{name}[/bold]  ", _cell(plain.get(name)), sep="", soft_wrap=True)
        else:
            self._out.print(str(plain), markup=False)

    def say(self, text: str) -> None:
        """Print one sentence for a person; silent with `--json`."""
        if not self.as_json:
            self._out.print(text, markup=False)

    def complain(self, error: AppError) -> None:
        """Tell an error on standard error: the sentence and its code, or JSON with `--json`."""
        if self.as_json:
            told = {"error": error.code, "message": error.text, "details": _plain(error.details)}
            self._err.print_json(json.dumps(told, ensure_ascii=False))
            return
        self._err.print(f"✗ {error.text}", style="bold red", markup=False)
        for name, problem in getattr(error, "fields", {}).items():
            self._err.print(f"  {name}: {problem}", markup=False)
        self._err.print(f"  {error.code}", style="dim", markup=False)

    def _show_rows(self, rows: list[Any], columns: Sequence[str] | None) -> None:
        if not rows:
            self._out.print("Nada que mostrar.")
            return
        names = list(columns or rows[0])
        table = Table(*names, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            table.add_row(*(_cell(row.get(name)) for name in names))
        # An id cut short serves nobody: what is wider than the terminal goes on in its next line.
        table.width = self._out.measure(table, options=self._out.options.update(max_width=_ANY_WIDTH)).maximum
        self._out.print(table, crop=False)


def _plain(value: Any) -> Any:
    """Turn what services answer into plain data for JSON and tables."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True)
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _cell(value: Any) -> str:
    """Write a value as it stands: brackets in it are its own, not the terminal's markup."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "sí" if value else "no"
    return escape(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value))
