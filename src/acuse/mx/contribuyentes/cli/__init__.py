"""The commands over taxpayers: `acuse contribuyentes` and `acuse efirma`."""

from __future__ import annotations

from collections.abc import Sequence

from cyclopts import App

from acuse.kernel.commands import Runner
from acuse.mx.contribuyentes.cli import contribuyentes, efirma


def commands(run: Runner) -> Sequence[App]:
    """Answer both groups."""
    return [contribuyentes.commands(run), efirma.commands(run)]
