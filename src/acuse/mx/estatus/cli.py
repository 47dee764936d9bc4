"""`acuse cfdi status`: ask the SAT about one stored CFDI; `status-lote`: about all of a filter."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cyclopts import App

from acuse.kernel.commands import Runner
from acuse.mx.archivo.cli import ALL, Which
from acuse.mx.estatus.model import Finding
from acuse.mx.estatus.schemas import EstatusOut, HallazgoOut, LoteOut
from acuse.mx.estatus.service import EstatusService, LoteService


def commands(run: Runner) -> App:
    """Answer what this feature adds to `acuse cfdi`."""
    app = App(name="cfdi")

    @app.command
    async def status(uuid: str, *, rfc: str | None = None, history: bool = False) -> None:
        """Consultar en el SAT el estado de un CFDI guardado y anotarlo en su historia.

        Parameters
        ----------
        uuid
            Folio fiscal.
        rfc
            El contribuyente, cuando varios tienen el mismo CFDI.
        history
            No preguntar: mostrar lo que el SAT ha dicho hasta ahora.
        """
        async with run.service(EstatusService) as service:
            if history:
                told = await service.history(run.actor, uuid, rfc=rfc)
                run.show(
                    [EstatusOut.of(each).model_dump(mode="json") for each in told],
                    columns=("consultado", "estado", "estatus_cancelacion", "codigo_estatus"),
                )
                return
            found = await service.consult(run.actor, uuid, rfc=rfc)
        run.show(EstatusOut.of(found).model_dump(mode="json"))

    @app.command
    async def status_lote(
        *,
        which: Which = ALL,
        ver: UUID | None = None,
        reanudar: UUID | None = None,
    ) -> None:
        """Consultar en el SAT todos los CFDI de un filtro, en segundo plano, o ver cómo va una consulta.

        Parameters
        ----------
        ver
            Mostrar el avance de esta consulta en lote, y los CFDI que hay que ver.
        reanudar
            Continuar esta consulta en lote donde se quedó.
        """
        findings: Sequence[Finding] = []
        async with run.service(LoteService) as lotes:
            if ver is not None:
                found = await lotes.get(run.actor, ver)
                findings = await lotes.findings(run.actor, ver)
            elif reanudar is not None:
                found = await lotes.resume(run.actor, reanudar)
            else:
                found = await lotes.create(run.actor, which.query())
        told = LoteOut.of(found).model_dump(mode="json")
        told["hallazgos"] = [HallazgoOut.about(each).model_dump(mode="json") for each in findings]
        run.show(told, columns=[name for name in told if name != "hallazgos"])
        for each in findings:
            run.say(f"  {each.rfc} {each.folio_fiscal} {each.consulta.meaning}")

    return app
