"""Commands over the house itself: the database."""

from collections.abc import Sequence

from cyclopts import App

from acuse.cli.runner import HouseRunner


def commands(run: HouseRunner) -> Sequence[App]:
    """Make the commands over the runner."""
    app = App(name="db", help="La base de datos.")

    @app.command(name="upgrade")
    async def upgrade() -> None:
        """Llevar la base de datos a su forma más nueva. También se hace solo al arrancar."""
        async with run.house():
            run.say("La base de datos está al día.")

    return [app]
