"""`acuse cfdi months`: a taxpayer's months in figures."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cyclopts import App

from acuse.kernel.commands import Runner
from acuse.mx.resumen.schemas import ResumenOut
from acuse.mx.resumen.service import ResumenService

_COLUMNS = (
    "mes",
    "tipo_comprobante",
    "cfdi",
    "neto",
    "iva_trasladado",
    "iva_retenido",
    "pue",
    "ppd",
    "pagos",
    "cancelados",
)


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse cfdi`."""
    app = App(name="cfdi")

    @app.command
    async def months(rfc: str, *, year: int | None = None, csv: Path | None = None) -> None:
        """Resumir un año de un contribuyente por mes, en pesos: importes, IVA, ISR, PUE y PPD, cobrado y pagado.

        Parameters
        ----------
        rfc
            RFC del contribuyente.
        year
            El año; sin él, el del CFDI más reciente.
        csv
            Guardarlo como CSV en este archivo.
        """
        async with run.service(ResumenService) as service:
            found = ResumenOut.of(await service.year(run.actor, rfc, year))
        if csv is not None:
            await asyncio.to_thread(csv.write_bytes, found.csv())
            run.say(f"Guardado en {csv}.")
            return
        run.show([each.model_dump(mode="json") for each in found.meses], columns=_COLUMNS)

    return app
