"""What a feature's commands may ask of the command line: a service, an actor and a way to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from acuse.kernel.audit import Actor
from acuse.kernel.errors import InvalidInput

S = TypeVar("S")
Tell = Callable[[int, int], None]


class FileUnreadable(InvalidInput):
    """A file named on the command line cannot be read."""

    code = "FILE_UNREADABLE"
    message = "No se pudo leer {path}. Revisa que exista y que tengas permiso."


class AnswerMissing(InvalidInput):
    """A command asks, and nobody is at the terminal. Give the answer with the command: see the options in its help."""

    code = "ANSWER_MISSING"
    message = (
        "La orden pregunta algo y no hay quien conteste. Ejecútala en una terminal, o da la respuesta con sus "
        "opciones: --help dice cuáles."
    )


def read_file(path: Path) -> bytes:
    """Answer the bytes of a file named on the command line. Raises FileUnreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=str(path)) from error


@contextmanager
def progress_bar(label: str) -> Iterator[Tell]:
    """Draw how far something is on standard error, where that is a terminal; told by (done, of how many)."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


class Runner(Protocol):
    """Opens the house for one command and shows its answer.

    A feature's `cli.py` has `def commands(run: Runner) -> cyclopts.App`; the runner itself is made by
    the command line, which knows settings, `--json` and the terminal.
    """

    @property
    def actor(self) -> Actor:
        """Answer who is acting: the person at the terminal."""
        ...

    def service(self, kind: type[S]) -> AbstractAsyncContextManager[S]:
        """Open the house, answer the built service of this class and close the house afterwards."""
        ...

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:
        """Print plain data: JSON with `--json`, else a table (rows as mappings) or a list of fields."""
        ...

    def say(self, text: str) -> None:
        """Print one sentence for a person; silent with `--json`."""
        ...


def confirmed(question: str) -> bool:
    """Ask the person at the terminal and answer whether it was a yes."""
    return input(f"{question} ¿Continuar? (s/N) ").strip().lower() in {"s", "si", "sí"}
