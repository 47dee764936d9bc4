"""`acuse archivo import`: bring in a folder or ZIPs from this machine."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from acuse.kernel.commands import Runner, progress_bar
from acuse.mx.importaciones.schemas import ReporteOut
from acuse.mx.importaciones.service import ImportAtDesk

_MOST_LINES = 20


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse archivo`."""
    app = App(name="archivo", help="Traer un archivo existente de CFDI y releer el guardado.")

    @app.command(name="import")
    async def import_(path: Path, *, rfc: str, dry_run: bool = False) -> None:
        """Importar una carpeta o un ZIP: XML sueltos, paquetes del SAT, metadatos TXT, y ZIP con todo eso.

        Lo nuevo se guarda en ZIP y se indexa como si se hubiera descargado. Hacerlo dos veces no repite nada, y si se
        interrumpe, el mismo comando continúa.

        Parameters
        ----------
        path
            La carpeta o el archivo.
        rfc
            El contribuyente; lo que no es suyo no se importa.
        dry_run
            Sólo revisar y decir qué hay: no guarda nada.
        """
        async with run.service(ImportAtDesk) as imports:
            with progress_bar("Revisando" if dry_run else "Importando") as tell:
                report = await imports.take_in(run.actor, rfc, path, trial=dry_run, tell=tell)
        told = ReporteOut.of(report).model_dump(mode="json")
        run.show(told, columns=[name for name in told if name != "detalle"])
        for each in report.told[:_MOST_LINES]:
            run.say(f"  {each.outcome.caption}: {each.name} {each.text} {each.code}".rstrip())
        if len(report.told) > _MOST_LINES:
            run.say(f"  … y más: --json muestra los primeros {len(report.told)}.")

    return app
