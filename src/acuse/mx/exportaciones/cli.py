"""`acuse cfdi export`: take CFDIs out of the archive into a file."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from acuse.kernel.commands import Runner, progress_bar
from acuse.mx.archivo.cli import ALL, Which
from acuse.mx.exportaciones.model import Formato
from acuse.mx.exportaciones.schemas import ExportacionOut
from acuse.mx.exportaciones.service import ExportAtOnce


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse cfdi`."""
    app = App(name="cfdi")

    @app.command
    async def export(
        formato: Formato,
        *,
        output: Path | None = None,
        which: Which = ALL,
    ) -> None:
        """Guardar en un archivo los CFDI de un filtro, o todo lo de un contribuyente.

        Parameters
        ----------
        formato
            csv, xlsx, zip (los XML), o everything: XML, metadatos y paquetes de un RFC, para poder eliminarlo.
        output
            Archivo donde guardarlo; sin él, uno nuevo en esta carpeta.
        """
        async with run.service(ExportAtOnce) as exports:
            with progress_bar("Exportando CFDI") as tell:
                made, path = await exports.write(run.actor, formato, which.query(), output, tell)
        told = ExportacionOut.of(made).model_dump(mode="json")
        run.show(
            told | {"archivo": str(path)}, columns=("archivo", "hechos", "sin_xml", "ilegibles", "bytes", "problema")
        )

    return app
