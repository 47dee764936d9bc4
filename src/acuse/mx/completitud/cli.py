"""`acuse sat months`: how complete the months are; `missing`: fetch what is missing of one."""

from __future__ import annotations

from datetime import date

from cyclopts import App

from acuse.kernel.commands import Runner
from acuse.mx.completitud.model import periodo_of, read_month
from acuse.mx.completitud.schemas import FaltantesOut, MesOut
from acuse.mx.completitud.service import CompletitudService
from acuse.mx.descarga.schemas import SolicitudOut
from acuse.mx.descarga.service import MissingService
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido

_COLUMNS = (
    "rfc",
    "mes",
    "familia",
    "tipo_comprobante",
    "estado",
    "conocidos",
    "con_xml",
    "faltan",
    "no_disponibles",
    "consultado",
)
_ASKED = ("id", "familia", "tipo_solicitud", "tipo_comprobante", "fecha_inicio", "fecha_fin", "estado")


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse sat`."""
    app = App(name="sat")

    @app.command
    async def months(*, rfc: str | None = None, year: int | None = None, incompletos: bool = False) -> None:
        """Ver la completitud por mes: qué conoce el SAT, qué está aquí, qué falta y de cuándo es la Metadata.

        Parameters
        ----------
        rfc
            Sólo este contribuyente.
        year
            El año; sin él, el último cerrado hasta marzo y después el corriente.
        incompletos
            Sólo los meses a los que les falta algo.
        """
        async with run.service(CompletitudService) as service:
            wanted = year or service.year_shown()
            rows = await service.rows(run.actor, date(wanted, 1, 1), date(wanted, 12, 1), rfc=rfc)
        found = [mes for row in rows for mes in row.meses if not (incompletos and mes.is_complete)]
        run.show([MesOut.of(mes).model_dump(mode="json") for mes in found], columns=_COLUMNS)

    @app.command
    async def missing(
        rfc: str,
        mes: str,
        tipo: Sentido,
        *,
        familia: Familia = Familia.CFDI,
        yes: bool = False,
        metadata: bool = False,
    ) -> None:
        """Traer los XML que faltan de un mes. Sin --yes sólo dice qué se pediría y qué gasta.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        mes
            El mes, como 2025-03.
        tipo
            EMITIDOS o RECIBIDOS.
        familia
            CFDI o RETENCIONES.
        yes
            Pedirlo.
        metadata
            Preguntar primero al SAT qué hay en el mes; no gasta intentos.
        """
        periodo = periodo_of(read_month(mes))
        async with run.service(MissingService) as service:
            if metadata:
                made = await service.ask_metadata(run.actor, rfc, tipo, periodo, familia=familia)
            elif yes:
                made = await service.fetch(run.actor, rfc, tipo, periodo, familia=familia)
            else:
                planned = await service.preview(run.actor, rfc, tipo, periodo, familia=familia)
                run.show(FaltantesOut.of(planned).model_dump(mode="json"))
                return
        run.show([SolicitudOut.of(row).model_dump(mode="json") for row in made], columns=_ASKED)

    return app
