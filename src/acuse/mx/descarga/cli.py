"""`acuse sat`: send, follow and download from the terminal, as the machine's owner."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from cyclopts import App, Parameter

from acuse.kernel.commands import Runner
from acuse.mx.descarga.schemas import (
    AnualOut,
    PaqueteOut,
    RepetirOut,
    SolicitudDetailOut,
    SolicitudIn,
    SolicitudOut,
    TokenOut,
)
from acuse.mx.descarga.service import (
    Part,
    ReadingService,
    RepeatingService,
    SatSessions,
    SendingService,
    SyncService,
    VerifyingService,
)
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud
from acuse.webkit.validation import read_as

_SHORT = ("id", "rfc", "tipo_solicitud", "tipo_comprobante", "fecha_inicio", "fecha_fin", "estado", "numero_cfdis")
_BRANCH = ("periodo", "efecto", "estado", "numero_cfdis", "id")


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse sat`."""
    app = App(name="sat", help="Descarga masiva del SAT: enviar, verificar y descargar solicitudes.")
    _asking(app, run)
    _looking(app, run)
    return app


def _asking(app: App, run: Runner) -> None:
    """Add what speaks with the SAT."""

    @app.command
    async def token(rfc: str, *, familia: Familia = Familia.CFDI) -> None:
        """Autenticarse ante el SAT y guardar el token para los pasos siguientes.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        familia
            CFDI o RETENCIONES.
        """
        async with run.service(SatSessions) as sessions:
            run.show(TokenOut.of(await sessions.authenticate(run.actor, rfc, familia)))

    @app.command
    async def request(
        rfc: str,
        tipo: TipoSolicitud,
        sentido: Sentido,
        desde: str,
        hasta: str,
        *,
        familia: Familia = Familia.CFDI,
        efecto: str | None = None,
    ) -> None:
        """Enviar una solicitud.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        tipo
            CFDI o METADATA.
        sentido
            EMITIDOS o RECIBIDOS.
        desde
            Fecha inicial, hora de la Ciudad de México: 2025-01-01 o 2025-01-01T00:00:00.
        hasta
            Fecha final; sin hora, hasta su último segundo.
        familia
            CFDI o RETENCIONES.
        efecto
            Sólo comprobantes de este tipo: I, E, T, N o P.
        """
        wanted = read_as(
            SolicitudIn,
            {
                "rfc": rfc,
                "tipo_solicitud": tipo,
                "tipo_comprobante": sentido,
                "fecha_inicio": desde,
                "fecha_fin": hasta,
                "familia": familia,
                "efecto": efecto,
            },
        )
        async with run.service(SendingService) as sending:
            run.show(_fields(SolicitudOut.of(await sending.send(run.actor, rfc, wanted.parametros()))))

    @app.command
    async def folio(rfc: str, uuid: str, *, familia: Familia = Familia.CFDI) -> None:
        """Pedir el XML de un solo CFDI por su folio fiscal.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        uuid
            Folio fiscal.
        familia
            CFDI o RETENCIONES.
        """
        async with run.service(SendingService) as sending:
            run.show(_fields(SolicitudOut.of(await sending.send_folio(run.actor, rfc, uuid, familia=familia))))

    @app.command
    async def repeat(id_: Annotated[UUID, Parameter(name="id")], *, yes: bool = False) -> None:
        """Repetir una solicitud que falló, venció o se quedó sin terminar. Sin --yes sólo dice qué gastaría.

        Parameters
        ----------
        id_
            Identificador de la solicitud.
        yes
            Pedirla de verdad.
        """
        async with run.service(RepeatingService) as repeating:
            planned = await repeating.preview(run.actor, id_)
            run.say(planned.cost)
            if not yes:
                run.show(RepetirOut.of(planned).model_dump(mode="json"))
                return
            run.show(_fields(SolicitudOut.of(await repeating.repeat(run.actor, id_))))

    @app.command
    async def year(
        rfc: str, year: int, sentido: Sentido = Sentido.EMITIDOS, *, familia: Familia = Familia.CFDI
    ) -> None:
        """Enviar las 14 solicitudes de un año: 2 de Metadata y 12 de CFDI.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        year
            Año.
        sentido
            EMITIDOS o RECIBIDOS.
        familia
            CFDI o RETENCIONES.
        """
        async with run.service(SendingService) as sending:
            found = AnualOut.of(await sending.send_year(run.actor, rfc, year, sentido, familia=familia))
        run.say(f"{found.creadas} nuevas de {len(found.solicitudes)}.")
        run.show([_fields(row) for row in found.solicitudes], columns=_SHORT)


def _looking(app: App, run: Runner) -> None:
    """Add what only looks, and what sets going what is due."""

    @app.command(name="list")
    async def list_(*, rfc: str | None = None, limit: int = 50) -> None:
        """Mostrar las solicitudes, de la más nueva a la más antigua."""
        async with run.service(ReadingService) as reading:
            page = await reading.solicitudes(run.actor, rfc=rfc, limit=limit)
        run.show([_fields(SolicitudOut.of(row)) for row in page.items], columns=_SHORT)

    @app.command
    async def show(id_: Annotated[UUID, Parameter(name="id")]) -> None:
        """Mostrar una solicitud con su historia y sus paquetes."""
        async with run.service(ReadingService) as reading:
            run.show(_fields(SolicitudDetailOut.of_detail(await reading.solicitud(run.actor, id_))))

    @app.command
    async def tree(id_: Annotated[UUID, Parameter(name="id")]) -> None:
        """Mostrar una solicitud dividida y todas sus partes, como árbol."""
        async with run.service(ReadingService) as reading:
            detail = await reading.solicitud(run.actor, id_)
        lines = Part(detail.solicitud, detail.parts).walk()
        run.show([_branch(depth, row) for depth, row in lines], columns=_BRANCH)

    @app.command
    async def verify(id_: Annotated[UUID, Parameter(name="id")]) -> None:
        """Preguntar ahora al SAT por una solicitud."""
        async with run.service(VerifyingService) as verifying:
            run.show(_fields(SolicitudOut.of(await verifying.verify(run.actor, id_))))

    @app.command
    async def sync(*, rfc: str | None = None) -> None:
        """Poner en marcha la verificación y descarga de todo lo pendiente."""
        async with run.service(SyncService) as service:
            count = await service.ask(run.actor, rfc=rfc)
        run.say("Un proceso de trabajo (`acuse serve` o `acuse worker`) hará lo pendiente.")
        run.show({"contribuyentes": count})

    @app.command
    async def packages(*, rfc: str | None = None, limit: int = 50) -> None:
        """Mostrar los paquetes, del más nuevo al más antiguo."""
        async with run.service(ReadingService) as reading:
            page = await reading.paquetes(run.actor, rfc=rfc, limit=limit)
        run.show(
            [_fields(PaqueteOut.of(row)) for row, _ in page.items],
            columns=("id", "id_paquete", "descargas", "bytes", "guardado", "indexado", "comprobantes"),
        )


def _branch(depth: int, row: SolicitudRow) -> dict[str, Any]:
    shown = _fields(SolicitudOut.of(row))
    shown["periodo"] = f"{'  ' * depth}{row.fecha_inicio.isoformat()} – {row.fecha_fin.isoformat()}"
    shown["nivel"] = depth
    return shown


def _fields(shown: SolicitudOut | PaqueteOut) -> dict[str, Any]:
    return shown.model_dump(mode="json")
