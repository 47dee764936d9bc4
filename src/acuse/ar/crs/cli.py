"""`acuse crs`: fill the catalogue, look at it, and set limits from the terminal, as the machine's owner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from acuse.ar.crs.errors import NothingToImport
from acuse.ar.crs.schemas import ImportedOut, LimitsOut, MetricsOut, UploadOut
from acuse.ar.crs.service import CatalogueService, Importer, QuotaService, ReportService
from acuse.ar.crs.service.imported import COLUMNS, Kind
from acuse.ar.crs.service.unpacking import Piece
from acuse.kernel.commands import Runner, confirmed, read_file
from acuse.kernel.handed_in import Fate, ImportReport, Table

_REFUSED_SHOWN: Final = 20
_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der", ".zip"})


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse crs`."""
    app = App(name="crs", help="Certificados de controladores fiscales: catálogo, límites, métricas, importación.")

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

    @app.command(name="import")
    async def import_(
        *,
        usuarios: Path | None = None,
        controladores: Path | None = None,
        certificados: Path | None = None,
        descargas: Path | None = None,
        dry_run: Annotated[bool, Parameter(negative="")] = False,
        yes: Annotated[bool, Parameter(negative="")] = False,
    ) -> None:
        """Traer datos de otro programa desde tablas CSV o JSON. Primero se revisan todas las filas.

        Parameters
        ----------
        usuarios
            Tabla de usuarios, con sus contraseñas en bcrypt.
        controladores
            Tabla de controladores fiscales.
        certificados
            Tabla de certificados; los archivos se buscan desde su carpeta.
        descargas
            Tabla de descargas, con fecha, estado y precio.
        dry_run
            Sólo revisar.
        yes
            Importar las filas buenas sin preguntar.
        """
        given = {
            Kind.USUARIOS: usuarios,
            Kind.CONTROLADORES: controladores,
            Kind.CERTIFICADOS: certificados,
            Kind.DESCARGAS: descargas,
        }
        tables = [
            (kind, Table.read(path, needed=COLUMNS[kind].needed, known=COLUMNS[kind].known))
            for kind, path in given.items()
            if path is not None
        ]
        if not tables:
            raise NothingToImport
        async with run.service(Importer) as service:
            looked = await service.look(tables)
            new = sum(report.count(Fate.NEW) for report in looked)
            if dry_run or not yes:
                _tell(run, looked)
            if dry_run or not new or not (yes or confirmed(f"Se importarán {new} filas.")):
                run.say("No se importó nada.")
                return
            _tell(run, await service.do(tables, actor=run.actor))
        run.say("Importado. Repetir el mismo comando no duplica nada.")

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


def _tell(run: Runner, reports: Sequence[ImportReport]) -> None:
    """Show what becomes of each table, and why rows were refused: the first ones to a person, all as JSON."""
    told = [ImportedOut.of(report).model_dump() for report in reports]
    run.show(told, columns=("tabla", "archivo", "nuevos", "ya_estaban", "rechazados"))
    refused = [(report.what, row) for report in reports for row in report.refused]
    for what, row in refused[:_REFUSED_SHOWN]:
        run.say(f"✗ {what}, línea {row.number} ({row.key}): {row.fault.text if row.fault else ''}")
    if len(refused) > _REFUSED_SHOWN:
        run.say(f"✗ y {len(refused) - _REFUSED_SHOWN} más; todas con --json.")


def _pieces(path: Path) -> list[Piece]:
    files = sorted(one for one in path.rglob("*") if one.suffix.lower() in _SUFFIXES) if path.is_dir() else [path]
    return [Piece(file.name, read_file(file)) for file in files if not file.name.startswith(".")]
