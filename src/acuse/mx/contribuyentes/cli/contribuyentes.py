"""`acuse contribuyentes`: the clients of an office and who may act for them, as the machine's owner."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from acuse.kernel.commands import Runner, confirmed
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.schemas import AccesoOut, ContribuyenteOut
from acuse.mx.contribuyentes.service import ContribuyentesService, Departures

_COLUMNS = ("rfc", "nombre", "estado", "dias_restantes", "descarga_diaria", "retenciones_diarias")


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse contribuyentes`."""
    app = App(name="contribuyentes", help="Los RFC que se atienden y quién tiene acceso a ellos.")

    @app.command(name="list")
    async def list_() -> None:
        """Mostrar todos los contribuyentes con el estado de su e.firma."""
        async with run.service(ContribuyentesService) as service:
            found = await service.visible_to(run.actor)
        rows = [
            {
                "rfc": str(item.rfc),
                "nombre": item.name,
                "estado": item.state.value,
                "dias_restantes": item.efirma.days_left if item.efirma else None,
                "descarga_diaria": item.daily_download,
                "retenciones_diarias": item.daily_retenciones,
            }
            for item in found
        ]
        run.show(rows, columns=_COLUMNS)

    @app.command
    async def add(
        rfc: str, *, name: str = "", owner: int | None = None, daily: bool = False, retenciones: bool = False
    ) -> None:
        """Dar de alta un cliente antes de tener su e.firma.

        Parameters
        ----------
        rfc
            RFC del cliente.
        name
            Nombre; vacío, se toma de la e.firma cuando llegue.
        owner
            Número del usuario que queda como dueño.
        daily
            Descargar cada noche lo nuevo.
        retenciones
            Con la descarga diaria, pedir también sus retenciones.
        """
        async with run.service(ContribuyentesService) as service:
            found = await service.add(
                run.actor, rfc, name=name, daily_download=daily, daily_retenciones=retenciones, owner_id=owner
            )
        run.say(f"{found.rfc} quedó dado de alta.")
        run.show(ContribuyenteOut.of(found))

    @app.command
    async def edit(
        rfc: str, *, name: str | None = None, daily: bool | None = None, retenciones: bool | None = None
    ) -> None:
        """Cambiar el nombre de un contribuyente o su descarga diaria.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        name
            Nombre nuevo; vacío, el de su e.firma.
        daily
            Encender o apagar la descarga diaria.
        retenciones
            Encender o apagar que la descarga diaria pida también sus retenciones.
        """
        async with run.service(ContribuyentesService) as service:
            found = await service.change(run.actor, rfc, name=name, daily_download=daily, daily_retenciones=retenciones)
        run.show(ContribuyenteOut.of(found))

    @app.command
    async def delete(rfc: str, *, yes: Annotated[bool, Parameter(negative="")] = False) -> None:
        """Eliminar un contribuyente y todo lo suyo, después de una exportación completa y reciente.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        yes
            No preguntar.
        """
        question = f"Se borran la e.firma, las solicitudes, los paquetes, los CFDI y los archivos de {rfc.upper()}."
        if not yes and not confirmed(question):
            run.say("No se eliminó nada.")
            return
        async with run.service(Departures) as service:
            kept = await service.remove(run.actor, rfc)
        run.say(f"{rfc.upper()} se eliminó. Sus archivos se borran en segundo plano.")
        if kept:
            run.say(kept.told)

    @app.command
    async def access(rfc: str) -> None:
        """Mostrar quién tiene acceso a un RFC."""
        async with run.service(ContribuyentesService) as service:
            found = await service.accesos(run.actor, rfc)
        run.show(
            [AccesoOut.of(item).model_dump() for item in found],
            columns=("id_usuario", "nombre", "cuit", "nivel", "desde"),
        )

    @app.command
    async def grant(rfc: str, user: str, level: AccessLevel) -> None:
        """Dar a un usuario acceso a un RFC, en lugar del que tuviera.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        user
            RFC, CUIT o RUC con el que el usuario inicia sesión.
        level
            lectura, operacion o dueño; cada uno incluye al anterior.
        """
        async with run.service(ContribuyentesService) as service:
            await service.invite(run.actor, rfc, user, level)
        run.say(f"{user} tiene acceso de {level.value} a {rfc.upper()}.")

    @app.command
    async def revoke(rfc: str, user: str) -> None:
        """Quitar a un usuario su acceso a un RFC. El último dueño se queda.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        user
            RFC, CUIT o RUC con el que el usuario inicia sesión.
        """
        async with run.service(ContribuyentesService) as service:
            await service.dismiss(run.actor, rfc, user)
        run.say(f"{user} ya no tiene acceso a {rfc.upper()}.")

    return app
