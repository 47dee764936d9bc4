"""`acuse efirma`: load, look at and remove e.firmas from the terminal, as the machine's owner."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from acuse.kernel.commands import Runner
from acuse.mx.contribuyentes.errors import FileUnreadable
from acuse.mx.contribuyentes.schemas import ContribuyenteOut, EfirmaOut
from acuse.mx.contribuyentes.service import ContribuyentesService


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
        password = _password(password_file, from_stdin=password_stdin)
        files = _read(cer), _read(key)
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
        if not yes and not _confirmed(rfc):
            run.say("No se eliminó nada.")
            return
        async with run.service(ContribuyentesService) as service:
            await service.delete_efirma(run.actor, rfc)
        run.say(f"La llave de la e.firma de {rfc.upper()} se eliminó.")

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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=str(path)) from error


def _password(file: Path | None, *, from_stdin: bool) -> bytes | str:
    """Read the password without its line end. Never an argument: those are seen by everybody on the machine."""
    if file is not None:
        return _first_line(_read(file))
    if from_stdin:
        return _first_line(sys.stdin.buffer.readline())
    return getpass.getpass("Contraseña de la llave: ")


def _first_line(data: bytes) -> bytes:
    return data.split(b"\n", 1)[0].removesuffix(b"\r")


def _confirmed(rfc: str) -> bool:
    answer = input(f"Se eliminará la llave de la e.firma de {rfc.upper()} y no habrá descargas. ¿Continuar? (s/N) ")
    return answer.strip().lower() in {"s", "si", "sí"}
