"""What a person sees: steps ticked off, the fourteen as they move, the summary. Plain lines where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from acuse.cli.demo.errand import Line
from acuse.cli.demo.people import Login
from acuse.mx.descarga.model.estado import Estado

_LOOKS: Final = {
    Estado.PROGRAMADA: ("·", "dim"),
    Estado.POR_ENVIAR: ("·", "dim"),
    Estado.EN_PROCESO: ("◔", "yellow"),
    Estado.LISTA: ("◕", "cyan"),
    Estado.COMPLETA: ("✓", "green"),
    Estado.SIN_CFDI: ("✓", "green"),
}
_FAILED: Final = ("✗", "bold red")
_BAR: Final = 30


class Screen:
    """Writes the story of one demonstration to a console."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._start = monotonic()

    def title(self, text: str) -> None:
        """Open the story."""
        self._console.print(f"\n[bold]{text}[/bold]\n")

    def step(self, text: str) -> None:
        """Tick off a step."""
        self._console.print(Text.assemble(("✓ ", "green"), text))

    def note(self, text: str) -> None:
        """Say something by the way."""
        self._console.print(Text(f"  {text}", "dim"))

    @contextmanager
    def fourteen(self) -> Iterator[_Fourteen]:
        """Show the solicitudes for as long as they move."""
        if self._console.is_terminal:
            with Live(console=self._console, refresh_per_second=8, transient=False) as live:
                yield _Fourteen(self._console, self._start, live)
        else:
            yield _Fourteen(self._console, self._start, None)

    def summary(self, lines: Sequence[Line], addresses: Sequence[tuple[str, str]], logins: Sequence[Login]) -> None:
        """Tell what was brought, where to look at it, and how to log in."""
        done = Table.grid(padding=(0, 2))
        for caption, value in _figures(lines, monotonic() - self._start):
            done.add_row(Text(caption, "dim"), Text(value, "bold"))
        where = Table.grid(padding=(0, 2))
        for caption, value in addresses:
            where.add_row(Text(caption, "dim"), Text(value))
        people = Table("Rol", "Usuario", "Contraseña", box=None, header_style="dim", pad_edge=False)
        for login in logins:
            person = login.person
            people.add_row(f"{int(person.role)} {person.role.label}", person.tax_id, person.password)
        parts: list[RenderableType] = [done, Text(), where, Text(), people]
        self._console.print(Panel(Group(*parts), title="Listo", title_align="left", border_style="green", expand=False))


class _Fourteen:
    """The part that moves: a table on a terminal, a line per change elsewhere."""

    def __init__(self, console: Console, start: float, live: Live | None) -> None:
        self._console = console
        self._start = start
        self._live = live
        self._told: dict[tuple[str, str], Line] = {}

    def show(self, lines: Sequence[Line]) -> None:
        """Show how they stand now."""
        if self._live is not None:
            self._live.update(Group(_table(lines), Text(), self._progress(lines)))
            return
        for line in lines:
            name = (line.tipo, line.period)
            if self._told.get(name) != line:
                self._told[name] = line
                self._console.print(Text("  ".join(cell.plain for cell in _cells(line))))

    def _progress(self, lines: Sequence[Line]) -> RenderableType:
        done = sum(line.estado.is_final for line in lines)
        row = Table.grid(padding=(0, 2))
        row.add_row(
            ProgressBar(
                total=max(len(lines), 1), completed=done, width=_BAR, complete_style="cyan", finished_style="green"
            ),
            f"{done} de {len(lines)}",
            f"{_cfdis(lines):,} CFDI en el archivo",
            Text(f"{monotonic() - self._start:.0f} s", "dim"),
        )
        return row


def _table(lines: Sequence[Line]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, justify in (("Periodo", "left"), ("Tipo", "left"), ("Estado", "left")):
        table.add_column(name, justify="left" if justify == "left" else "right", min_width=9)
    for name in ("Paquetes", "Comprobantes"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(*_cells(line))
    return table


def _cells(line: Line) -> Sequence[Text]:
    icon, style = _LOOKS.get(line.estado, _FAILED)
    return (
        Text(f"{line.period:<8}"),
        Text(f"{line.tipo:<8}", "dim"),
        Text(f"{icon} {line.estado.caption:<11}", style),
        Text(f"{line.stored}/{line.packages} paquetes" if line.packages else "—"),
        Text(f"{line.indexed:,}" + (f" de {line.announced:,}" if line.announced else "")),
    )


def _figures(lines: Sequence[Line], seconds: float) -> Sequence[tuple[str, str]]:
    rows = sum(line.indexed for line in lines if line.tipo != "CFDI")
    size = sum(line.size_bytes for line in lines)
    return [
        ("Solicitudes terminadas", f"{sum(line.estado.is_success for line in lines)} de {len(lines)}"),
        ("Paquetes guardados", f"{sum(line.stored for line in lines)} ({size / 1_000_000:.1f} MB)"),
        ("CFDI en el archivo", f"{_cfdis(lines):,}"),
        ("Renglones de metadata", f"{rows:,}"),
        ("Tiempo", f"{seconds:.0f} s"),
    ]


def _cfdis(lines: Sequence[Line]) -> int:
    return sum(line.indexed for line in lines if line.tipo == "CFDI")
