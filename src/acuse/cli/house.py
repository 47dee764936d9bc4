"""Commands over the house itself: its database, and whole copies of the installation."""

from __future__ import annotations

from collections.abc import Sequence

from cyclopts import App

from acuse.cli.runner import HouseRunner
from acuse.kernel.backups import Backups, Manifest, Restoring
from acuse.kernel.commands import confirmed, progress_bar


def commands(run: HouseRunner) -> Sequence[App]:
    """Make the commands over the runner."""
    app = App(name="db", help="La base de datos y sus respaldos.")

    @app.command(name="upgrade")
    async def upgrade() -> None:
        """Llevar la base de datos a su forma más nueva. También se hace solo al arrancar."""
        async with run.house():
            run.say("La base de datos está al día.")

    @app.command(name="backup")
    async def backup(*, to: str | None = None) -> None:
        """Respaldar la base de datos y los archivos, mientras todo sigue en marcha. Los secretos se guardan aparte.

        Parameters
        ----------
        to
            Carpeta, file:///ruta o s3://cubeta/prefijo; por omisión BACKUP_TO.
        """
        async with run.house() as house:
            with progress_bar("Archivos") as tell:
                taken = await Backups(house).take(actor=run.actor, to=to, tell=tell)
        run.show(_told(taken.manifest) | {"archivos_nuevos": taken.copied, "respaldos_retirados": taken.removed})
        run.say("Guarda también los secretos, en otro lugar: sin VAULT_KEY nada de lo cerrado se vuelve a abrir.")

    @app.command(name="backups")
    async def backups(*, to: str | None = None) -> None:
        """Listar los respaldos completos, el más nuevo primero.

        Parameters
        ----------
        to
            Dónde están; por omisión BACKUP_TO.
        """
        async with run.house() as house:
            run.show([_told(each) for each in await Backups(house).manifests(to)])

    @app.command(name="restore")
    async def restore(
        *, source: str | None = None, name: str | None = None, replace: bool = False, yes: bool = False
    ) -> None:
        """Volver a poner un respaldo, con Acuse detenido. Lo que haya en la base de datos se pierde.

        Parameters
        ----------
        source
            Dónde está el respaldo; por omisión BACKUP_TO.
        name
            Cuál, como lo llama `acuse db backups`; por omisión el más nuevo.
        replace
            Borrar lo que ya hay en la base de datos.
        yes
            No preguntar antes de borrarlo.
        """
        if replace and not yes and not confirmed("Se borrará todo lo que hay en la base de datos."):
            run.say("No se restauró nada.")
            return
        async with run.house() as house:
            with progress_bar("Archivos") as tell:
                restoring = Restoring(house)
                found = await restoring.restore(name, actor=run.actor, source=source, replace=replace, tell=tell)
        run.show(_told(found))
        run.say("Restaurado. Revísalo con `acuse doctor` y `acuse audit verify` antes de volver a arrancar.")

    return [app]


def _told(manifest: Manifest) -> dict[str, str | int]:
    return {
        "respaldo": manifest.name,
        "base_bytes": manifest.dump_bytes,
        "archivos": len(manifest.files),
        "archivos_bytes": manifest.files_bytes,
    }
