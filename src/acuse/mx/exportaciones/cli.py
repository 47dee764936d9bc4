"""`acuse cfdi export`: take CFDIs out of the archive into a file."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from acuse.kernel.commands import Runner, progress_bar
from acuse.mx.archivo.model import Direction, Efecto, EstadoCfdi
from acuse.mx.archivo.schemas import CfdiQuery
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
        rfc: str | None = None,
        emisor: str | None = None,
        receptor: str | None = None,
        uuid: str | None = None,
        desde: str | None = None,
        hasta: str | None = None,
        tipo: Direction | None = None,
        efecto: Efecto | None = None,
        estado: EstadoCfdi | None = None,
        importe_min: str | None = None,
        importe_max: str | None = None,
        texto: str | None = None,
        con_xml: bool | None = None,
    ) -> None:
        """Guardar en un archivo los CFDI de un filtro, o todo lo de un contribuyente.

        Parameters
        ----------
        formato
            csv, xlsx, zip (los XML), o everything: XML, metadatos y paquetes de un RFC, para poder eliminarlo.
        output
            Archivo donde guardarlo; sin él, uno nuevo en esta carpeta.
        rfc
            Sólo los de este contribuyente.
        emisor
            RFC del emisor.
        receptor
            RFC del receptor.
        uuid
            Folio fiscal, completo o sus primeros caracteres.
        desde
            Fecha de emisión más antigua (AAAA-MM-DD).
        hasta
            Fecha de emisión más reciente (AAAA-MM-DD).
        tipo
            Emitidos o recibidos.
        efecto
            Ingreso, egreso, traslado, nómina o pago.
        estado
            Vigente o cancelado.
        importe_min
            Total desde este importe.
        importe_max
            Total hasta este importe.
        texto
            Palabras del nombre, RFC o folio.
        con_xml
            Sólo los que tienen XML; con --no-con-xml, sólo los que no.
        """
        query = CfdiQuery.model_validate(
            {
                "rfc": rfc,
                "emisor": emisor,
                "receptor": receptor,
                "uuid": uuid,
                "fecha_inicio": desde,
                "fecha_fin": hasta,
                "tipo_comprobante": tipo,
                "efecto": efecto,
                "estado": estado,
                "importe_min": importe_min,
                "importe_max": importe_max,
                "texto": texto,
                "con_xml": con_xml,
            }
        )
        async with run.service(ExportAtOnce) as exports:
            with progress_bar("Exportando CFDI") as tell:
                made, path = await exports.write(run.actor, formato, query, output, tell)
        told = ExportacionOut.of(made).model_dump(mode="json")
        run.show(
            told | {"archivo": str(path)}, columns=("archivo", "hechos", "sin_xml", "ilegibles", "bytes", "problema")
        )

    return app
