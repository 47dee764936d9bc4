"""`acuse efirma`: load, look at and remove e.firmas from the terminal, as the machine's owner."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from acuse.kernel.commands import Runner, confirmed, read_file
from acuse.mx.contribuyentes.cli.asking import read_password, write_file
from acuse.mx.contribuyentes.schemas import ContribuyenteOut, EfirmaOut, LoteOut
from acuse.mx.contribuyentes.service import (
    Batch,
    BatchLoads,
    BatchReport,
    ContribuyentesService,
    PemExports,
    batch_of,
    files_in,
)


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse efirma`."""
    app = App(name="efirma", help="Cargar, consultar y eliminar las e.firmas de los contribuyentes.")

    @app.command
    async def upload(
        cer: Path,
        key: Path,
        *,
        rfc: str | None = None,
        owner: int | None = None,
        password_file: Path | None = None,
        password_stdin: Annotated[bool, Parameter(negative="")] = False,
    ) -> None:
        """Cargar una e.firma. La contraseña se pregunta, o se lee de un archivo o de la entrada estándar.

        Parameters
        ----------
        cer
            Archivo .cer.
        key
            Archivo .key.
        rfc
            Exigir que la e.firma sea de este RFC.
        owner
            Número del usuario que queda como dueño del RFC, si aún no tiene dueño.
        password_file
            Leer la contraseña de la primera línea de este archivo.
        password_stdin
            Leer la contraseña de la entrada estándar.
        """
        password = read_password(password_file, from_stdin=password_stdin)
        files = read_file(cer), read_file(key)
        async with run.service(ContribuyentesService) as service:
            found = await service.upload_efirma(run.actor, *files, password, rfc=rfc, owner_id=owner)
        run.say(f"La e.firma de {found.name} quedó en uso.")
        run.show(ContribuyenteOut.of(found))

    @app.command
    async def status(rfc: str) -> None:
        """Mostrar la vigencia de la e.firma de un RFC."""
        async with run.service(ContribuyentesService) as service:
            run.show(EfirmaOut.of(await service.efirma(run.actor, rfc)))

    @app.command
    async def delete(rfc: str, *, yes: Annotated[bool, Parameter(negative="")] = False) -> None:
        """Eliminar la llave sellada de un RFC.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        yes
            No preguntar.
        """
        question = f"Se eliminará la llave de la e.firma de {rfc.upper()} y no habrá descargas."
        if not yes and not confirmed(question):
            run.say("No se eliminó nada.")
            return
        async with run.service(ContribuyentesService) as service:
            await service.delete_efirma(run.actor, rfc)
        run.say(f"La llave de la e.firma de {rfc.upper()} se eliminó.")

    @app.command(name="import")
    async def import_(
        place: Path,
        *,
        owner: int | None = None,
        dry_run: Annotated[bool, Parameter(negative="")] = False,
        yes: Annotated[bool, Parameter(negative="")] = False,
    ) -> None:
        """Cargar muchas e.firmas de una carpeta o un ZIP con un CSV de contraseñas. Primero se revisan todas.

        Parameters
        ----------
        place
            Carpeta o ZIP con los .cer, los .key y un CSV con las columnas rfc (o cer) y contraseña.
        owner
            Número del usuario que queda como dueño de los RFC que aún no tienen.
        dry_run
            Sólo revisar.
        yes
            Cargar las buenas sin preguntar.
        """
        await _load_many(run, batch_of(files_in(place)), owner=owner, only_look=dry_run, ask=not yes)

    @app.command
    async def pem(
        rfc: str,
        *,
        to: Path = Path(),
        password_file: Path | None = None,
        password_stdin: Annotated[bool, Parameter(negative="")] = False,
    ) -> None:
        """Exportar la e.firma de un RFC en PEM, con la llave cifrada. La contraseña nueva se pregunta.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        to
            Carpeta donde quedan los dos archivos.
        password_file
            Leer de la primera línea de este archivo la contraseña que cifrará la llave.
        password_stdin
            Leerla de la entrada estándar.
        """
        prompt = "Contraseña que cifrará la llave exportada: "
        password = read_password(password_file, from_stdin=password_stdin, prompt=prompt)
        text = password if isinstance(password, str) else password.decode()
        async with run.service(PemExports) as service:
            found = await service.export_as_owner(run.actor, rfc, text)
        places = [to / name for name in found.names]
        for place, content in zip(places, (found.certificate, found.key), strict=True):
            write_file(place, content.encode("ascii"))
        run.say("La llave va cifrada con la contraseña que diste. Guárdala aparte: aquí no queda.")
        run.show({"numero_serie": found.number, "certificado": str(places[0]), "llave": str(places[1])})

    @app.command(name="list")
    async def list_() -> None:
        """Mostrar todos los contribuyentes con el estado de su e.firma."""
        async with run.service(ContribuyentesService) as service:
            found = await service.visible_to(run.actor)
        run.show(
            [
                {
                    "rfc": str(item.rfc),
                    "nombre": item.name,
                    "estado": item.efirma.state.value if item.efirma else "sin_efirma",
                    "dias_restantes": item.efirma.days_left if item.efirma else None,
                    "numero_serie": item.efirma.number if item.efirma else None,
                }
                for item in found
            ]
        )

    return app


async def _load_many(run: Runner, batch: Batch, *, owner: int | None, only_look: bool, ask: bool) -> None:
    async with run.service(BatchLoads) as loads:
        report = await loads.run(run.actor, batch, trial=True)
        if only_look or ask:
            _show(run, report)
        question = f"Se cargarán {report.good} e.firmas; {report.bad} se rechazan."
        if only_look or not report.good or (ask and not confirmed(question)):
            run.say("No se cargó nada.")
            return
        _show(run, await loads.run(run.actor, batch, trial=False, owner_id=owner))


def _show(run: Runner, report: BatchReport) -> None:
    told = LoteOut.of(report)
    run.say(f"{'Revisión' if told.ensayo else 'Carga'}: {told.buenas} buenas, {told.rechazadas} rechazadas.")
    columns = ("renglon", "quien", "resultado", "rfc", "nombre", "error", "mensaje")
    run.show([line.model_dump() for line in told.renglones], columns=columns)
