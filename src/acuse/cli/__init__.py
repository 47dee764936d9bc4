"""The command line: one sub-command per feature, plus serve, worker, simulate, demo, db, vault and doctor."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from acuse import __version__
from acuse.cli import demo, house, processes
from acuse.cli.misread import misread
from acuse.cli.runner import HouseRunner
from acuse.features import FEATURES
from acuse.kernel.commands import AnswerMissing
from acuse.kernel.errors import AppError

_INTERRUPTED = 130


def build_cli(run: HouseRunner) -> App:
    """Put together the whole command line over one runner."""
    app = App(
        name="acuse",
        help="Acuse: la puerta propia a las autoridades fiscales. Todo lo que hace el navegador se puede hacer aquí.",
        version=__version__,
        result_action="return_value",
        error_formatter=misread,
    )
    for commands in (processes.commands, demo.commands, house.commands):
        for command in commands(run):
            app.command(command)
    for feature in FEATURES:
        if feature.commands is not None:
            for command in _several(feature.commands(run)):
                _mount(app, command)
    return app


def _mount(app: App, command: App) -> None:
    """Add a command; a feature may also bring further sub-commands for a name another one has."""
    name = command.name[0]
    if name in app:
        app[name].update(command)
    else:
        app.command(command)


def _several(answer: App | Sequence[App]) -> Sequence[App]:
    return [answer] if isinstance(answer, App) else answer


def commands_markdown() -> str:
    """Write the reference page of all commands."""
    return build_cli(HouseRunner()).generate_docs(heading_level=1, max_heading_level=4).rstrip() + "\n"


def main(tokens: Sequence[str] | None = None) -> None:
    """Run one command; an AppError ends it with its own exit code and one sentence."""
    run = HouseRunner()
    app = build_cli(run)

    @app.meta.default
    def launch(
        *words: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        json: Annotated[bool, Parameter(negative="", help="Responder en JSON, para programas.")] = False,
    ) -> object:
        run.as_json = json
        return app(words)

    try:
        app.meta(sys.argv[1:] if tokens is None else tokens, result_action="return_value")
    except AppError as error:
        run.complain(error)
        sys.exit(error.exit_code)
    except EOFError:
        run.complain(AnswerMissing())
        sys.exit(AnswerMissing.exit_code)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(_INTERRUPTED)
