"""`acuse crs statement`: close months, take statements out, verify files."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from acuse.ar.resumenes.model import Authentic, Month
from acuse.ar.resumenes.schemas import ResumenOut, VerdictOut
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.kernel.commands import Runner, read_file


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse crs`."""
    crs = App(name="crs")
    app = App(name="statement", help="Resúmenes mensuales de descargas: cerrar, listar y comprobar.")
    crs.command(app)

    @app.command
    async def close(month: str) -> None:
        """Cerrar un mes, una sola vez y para siempre.

        Parameters
        ----------
        month
            El mes, como 2026-10.
        """
        wanted = Month.parse(month)
        async with run.service(ClosingService) as service:
            number = await service.close(wanted, run.actor)
        run.show({"mes": str(wanted), "resumenes": number})

    @app.command(name="list")
    async def list_(*, month: str | None = None, limit: int = 50) -> None:
        """Mostrar los resúmenes cerrados.

        Parameters
        ----------
        month
            Sólo este mes, como 2026-10.
        limit
            Cuántos mostrar.
        """
        async with run.service(ResumenService) as service:
            found, _ = await service.everyones(mes=month, limit=max(1, min(limit, 1000)))
        run.show([ResumenOut.of(one).model_dump(mode="json") for one in found])

    @app.command
    async def verify(file: Path) -> int:
        """Comprobar si un archivo es, sin cambios, lo que se cerró y se firmó. Termina en 1 si no lo es.

        Parameters
        ----------
        file
            El PDF, el CSV, la firma (.json) o el ZIP de los tres.
        """
        async with run.service(ResumenService) as service:
            verdict = await service.verify(read_file(file))
        run.show(VerdictOut.of(verdict).model_dump(mode="json"))
        return 0 if verdict.result is Authentic.GENUINE else 1

    return crs
