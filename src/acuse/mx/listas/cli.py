"""`acuse listas`: bring the list of article 69-B in, and see which counterparts stand in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cyclopts import App

from acuse.kernel.commands import Runner
from acuse.mx.listas.schemas import ListadoOut, VersionOut
from acuse.mx.listas.service import ListasService


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse listas`."""
    app = App(name="listas", help="Lista del artículo 69-B: traerla y ver qué contrapartes están en ella.")

    @app.command(name="import")
    async def import_(file: Path | None = None) -> None:
        """Traer la lista: de un archivo, o de la dirección configurada.

        Parameters
        ----------
        file
            El CSV como lo publica el SAT; sin él se descarga.
        """
        data = None if file is None else await asyncio.to_thread(file.read_bytes)
        async with run.service(ListasService) as service:
            version = await service.fetch() if data is None else await service.take_in(data, origin="subida")
            warning = await service.warning()
        run.show(VersionOut.of(version).model_dump(mode="json"))
        if warning:
            run.say(warning)

    @app.command(name="list")
    async def list_() -> None:
        """Ver las contrapartes que están en la lista más reciente."""
        async with run.service(ListasService) as service:
            found = await service.listed(run.actor)
        run.show([ListadoOut.of(each).model_dump(mode="json") for each in found])

    return app
