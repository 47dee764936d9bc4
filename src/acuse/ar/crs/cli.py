"""`acuse crs`: fill the catalogue, look at it, and set limits from the terminal, as the machine's owner."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from acuse.ar.crs.errors import NothingToUpload
from acuse.ar.crs.schemas import LimitsOut, MetricsOut, UploadOut
from acuse.ar.crs.service import CatalogueService, QuotaService, ReportService
from acuse.ar.crs.service.unpacking import Piece
from acuse.kernel.commands import Runner

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der", ".zip"})


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse crs`."""
    app = App(name="crs", help="Certificados de controladores fiscales: catálogo, límites y métricas.")

    @app.command
    async def upload(paths: list[Path], /) -> None:
        """Subir certificados al catálogo: archivos, carpetas o ZIP. Cada archivo se acepta o se rechaza por separado.

        Parameters
        ----------
        paths
            Archivos .pem, carpetas que los contengan, o ZIP.
        """
        pieces = [piece for path in paths for piece in _pieces(path)]
        async with run.service(CatalogueService) as service:
            told = UploadOut.of(await service.receive(run.actor, pieces))
        run.say(told.message)
        run.show([file.model_dump(mode="json") for file in told.archivos])

    @app.command(name="list")
    async def list_(*, search: str = "", limit: int = 50) -> None:
        """Mostrar los certificados del catálogo, también los vencidos y los reemplazados.

        Parameters
        ----------
        search
            Parte del nombre o del controlador.
        limit
            Cuántos mostrar.
        """
        async with run.service(CatalogueService) as service:
            found = await service.everything(search=search, limit=max(1, min(limit, 1000)))
        run.show(
            [
                {
                    "id_certificado": str(one.id),
                    "controlador_id": one.controlador_id,
                    "nombre": one.nombre,
                    "vence": one.not_after,
                    "reemplazado": one.replaced,
                }
                for one in found
            ]
        )

    @app.command
    async def limit(user: int, downloads: int) -> None:
        """Fijar cuántas descargas pendientes puede tener un usuario.

        Parameters
        ----------
        user
            Número del usuario.
        downloads
            El límite; 0 impide descargar.
        """
        async with run.service(QuotaService) as service:
            run.show(LimitsOut.of(await service.set_limit(user, downloads, actor=run.actor)))

    @app.command
    async def metrics() -> None:
        """Mostrar las métricas de descargas."""
        async with run.service(ReportService) as service:
            run.show(MetricsOut.of(await service.metrics()))

    @app.command
    async def check() -> None:
        """Comparar los contadores de descargas con las descargas."""
        async with run.service(QuotaService) as service:
            await service.check_counters()
        run.say("Los contadores coinciden con las descargas.")

    return app


def _pieces(path: Path) -> list[Piece]:
    files = sorted(one for one in path.rglob("*") if one.suffix.lower() in _SUFFIXES) if path.is_dir() else [path]
    try:
        return [Piece(file.name, file.read_bytes()) for file in files if not file.name.startswith(".")]
    except OSError as error:
        raise NothingToUpload from error
