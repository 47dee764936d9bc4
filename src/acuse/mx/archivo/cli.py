"""`acuse cfdi`: look for stored CFDIs, take out their XML or PDF, sum up a year. `acuse archivo reindex`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cyclopts import App, Parameter

from acuse.kernel.commands import Runner, progress_bar
from acuse.mx.archivo.model import Direction, Efecto, EstadoCfdi
from acuse.mx.archivo.schemas import CfdiOut, CfdiQuery
from acuse.mx.archivo.service import ArchivoService, DocumentosService, RereadingService
from acuse.webkit.validation import read_as

_COLUMNS = ("fecha", "efecto", "estado", "rfc_emisor", "rfc_receptor", "total", "moneda", "uuid")
_WIRE_NAMES: Final = {"desde": "fecha_inicio", "hasta": "fecha_fin", "tipo": "tipo_comprobante"}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Which:
    """Which CFDIs are meant: the options of every command that takes a filter."""

    rfc: str | None = None
    """Sólo los de este contribuyente."""
    emisor: str | None = None
    """RFC del emisor."""
    receptor: str | None = None
    """RFC del receptor."""
    uuid: str | None = None
    """Folio fiscal, completo o sus primeros caracteres."""
    desde: str | None = None
    """Fecha de emisión más antigua (AAAA-MM-DD)."""
    hasta: str | None = None
    """Fecha de emisión más reciente (AAAA-MM-DD)."""
    tipo: Direction | None = None
    """Emitidos o recibidos."""
    efecto: Efecto | None = None
    """Ingreso, egreso, traslado, nómina o pago."""
    estado: EstadoCfdi | None = None
    """Vigente o cancelado."""
    importe_min: str | None = None
    """Total desde este importe."""
    importe_max: str | None = None
    """Total hasta este importe."""
    texto: str | None = None
    """Palabras del nombre, RFC o folio."""
    con_xml: bool | None = None
    """Sólo los que tienen XML; con --no-con-xml, sólo los que no."""

    def query(self) -> CfdiQuery:
        """Answer the filter, checked."""
        return read_as(CfdiQuery, {_WIRE_NAMES.get(name, name): value for name, value in asdict(self).items()})


ALL: Final = Which()


def commands(run: Runner) -> App:
    """Answer the sub-commands of `acuse cfdi`."""
    app = App(name="cfdi", help="Buscar los CFDI guardados, sacar su XML o su PDF y resumir un año.")

    @app.command(name="list")
    async def list_(
        *,
        which: Which = ALL,
        limite: int = 50,
        cursor: str | None = None,
    ) -> None:
        """Buscar CFDI, del más reciente al más antiguo.

        Parameters
        ----------
        limite
            Cuántos mostrar.
        cursor
            Marcador de la página siguiente.
        """
        query = which.query()
        async with run.service(ArchivoService) as service:
            page = await service.search(run.actor, query.filter(), rfc=query.rfc, cursor=cursor, limit=limite)
        run.show([CfdiOut.of(row).model_dump(mode="json") for row in page.items], columns=_COLUMNS)
        if page.next_cursor:
            run.say(f"Hay más. Página siguiente: --cursor {page.next_cursor}")

    @app.command
    async def xml(uuid: str, *, rfc: str | None = None, output: Path | None = None) -> None:
        """Sacar el XML de un CFDI, byte por byte como lo dio el SAT.

        Parameters
        ----------
        uuid
            Folio fiscal.
        rfc
            El contribuyente, cuando varios tienen el mismo CFDI.
        output
            Archivo donde guardarlo; sin él se escribe en la salida.
        """
        async with run.service(ArchivoService) as service:
            found = await service.xml(run.actor, uuid, rfc=rfc)
        if output is None:
            sys.stdout.buffer.write(found.content)
            return
        await asyncio.to_thread(output.write_bytes, found.content)
        run.say(f"Guardado en {output}.")

    @app.command
    async def pdf(uuid: str, *, output: Path, rfc: str | None = None) -> None:
        """Guardar un CFDI como PDF, con el QR de su verificación en el SAT.

        Parameters
        ----------
        uuid
            Folio fiscal.
        output
            Archivo donde guardarlo.
        rfc
            El contribuyente, cuando varios tienen el mismo CFDI.
        """
        async with run.service(DocumentosService) as documents:
            found = await documents.pdf(run.actor, uuid, rfc=rfc)
        await asyncio.to_thread(output.write_bytes, found.content)
        run.say(f"Guardado en {output}.")

    @app.command
    async def summary(*, rfc: str | None = None, year: int | None = None) -> None:
        """Resumir un año por mes: cuántos CFDI, cancelados, sin XML, e importes vigentes en pesos.

        Parameters
        ----------
        rfc
            Sólo este contribuyente.
        year
            El año; sin él, el del CFDI más reciente.
        """
        async with run.service(ArchivoService) as service:
            months = await service.summary(run.actor, rfc=rfc, year=year)
        run.show(
            [
                {
                    "mes": f"{each.month:%Y-%m}",
                    "tipo": each.direction.label,
                    "cfdi": each.count,
                    "cancelados": each.cancelled,
                    "sin_xml": each.without_xml,
                    "ingresos_mxn": f"{each.ingresos_mxn:.2f}",
                    "egresos_mxn": f"{each.egresos_mxn:.2f}",
                    "pagos_mxn": f"{each.pagado_mxn:.2f}",
                }
                for each in months
            ]
        )

    return app


def reindex_commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse archivo`."""
    app = App(name="archivo", help="Traer un archivo existente de CFDI y releer el guardado.")

    @app.command
    async def reindex(*, rfc: str | None = None, todo: bool = False) -> None:
        """Releer de los ZIP guardados lo que se indexó con una versión anterior: pagos, complementos, lo rechazado.

        Si se interrumpe, el mismo comando continúa. Al SAT no se le pide nada.

        Parameters
        ----------
        rfc
            Sólo los de este contribuyente.
        todo
            Releer también lo que ya leyó esta versión.
        """
        async with run.service(RereadingService) as service:
            with progress_bar("Releyendo") as tell:
                told = await service.run(run.actor, rfc=rfc, every=todo, tell=tell)
        run.show({
            "paquetes": told.packages,
            "documentos": told.documents,
            "nuevos": told.new,
            "rechazados": told.refused,
            "paquetes_sin_leer": [
                {"rfc": paquete.rfc, "archivo": paquete.key, "codigo": code, "motivo": text}
                for paquete, code, text in told.unread
            ],
        })  # fmt: skip

    return app
