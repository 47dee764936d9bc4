"""`acuse cfdi cancelled`: what was found cancelled lately."""

from __future__ import annotations

from cyclopts import App

from acuse.kernel.commands import Runner
from acuse.mx.cancelaciones.schemas import CancelacionOut
from acuse.mx.cancelaciones.service import CancelacionesService

_COLUMNS = ("encontrado", "cancelado", "rfc", "tipo_comprobante", "rfc_contraparte", "total", "moneda", "uuid")


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse cfdi`."""
    app = App(name="cfdi")

    @app.command
    async def cancelled(*, rfc: str | None = None, dias: int = 30) -> None:
        """Ver los CFDI que se tenían por vigentes y el SAT dio por cancelados.

        Parameters
        ----------
        rfc
            Sólo los de este contribuyente.
        dias
            Encontrados en los últimos días.
        """
        async with run.service(CancelacionesService) as service:
            found = await service.recent(run.actor, rfc=rfc, days=dias)
        run.show([CancelacionOut.of(each).model_dump(mode="json") for each in found], columns=_COLUMNS)

    return app
