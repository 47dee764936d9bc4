"""Commands of an operator: jobs, audit, vault, doctor."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App

from acuse.kernel.audit import Part
from acuse.kernel.commands import Runner
from acuse.kernel.jobs import JobState
from acuse.operations.service import AuditDesk, OperationsService

_MARKS = {"ok": "✓", "warning": "!", "missing": "✗"}


def commands(run: Runner) -> Sequence[App]:
    """Make the commands over a runner."""
    return [_jobs(run), _audit(run), _vault(run), _doctor(run)]


def _jobs(run: Runner) -> App:
    app = App(name="jobs", help="Trabajos en segundo plano: qué espera, qué corre, qué falló y por qué.")

    @app.command(name="list")
    async def list_jobs(*, state: JobState | None = None, limit: int = 50) -> None:
        """Listar trabajos, los más nuevos primero.

        Parameters
        ----------
        state
            Sólo los de un estado.
        limit
            Cuántos a lo más.
        """
        async with run.service(OperationsService) as service:
            page = await service.board.list(state, limit=limit)
            run.show(
                page.items, columns=["id", "caption", "subject", "state", "attempts", "created_at", "code", "reason"]
            )

    @app.command(name="show")
    async def show(job_id: int) -> None:
        """Ver un trabajo entero."""
        async with run.service(OperationsService) as service:
            run.show(await service.board.get(job_id))

    @app.command(name="retry")
    async def retry(*job_ids: int) -> None:
        """Volver a poner en la fila trabajos que fallaron."""
        async with run.service(OperationsService) as service:
            for job_id in job_ids:
                await service.board.retry(job_id, actor=run.actor)
                run.say(f"El trabajo {job_id} volvió a la fila.")

    @app.command(name="schedules")
    async def schedules() -> None:
        """Listar lo que se hace por horario, con su última y su próxima vez."""
        async with run.service(OperationsService) as service:
            run.show(list(await service.board.schedules()))

    return app


def _audit(run: Runner) -> App:
    app = App(name="audit", help="Bitácora encadenada de todo lo que se hizo.")

    @app.command(name="verify")
    async def verify(*, checkpoint: Sequence[Path] = ()) -> None:
        """Leer la bitácora entera y decir si alguien la alteró. Termina con 1 si está rota.

        Parameters
        ----------
        checkpoint
            Archivo con un punto de control guardado fuera, la línea JSON del correo; se puede repetir.
        """
        given = [path.read_text(encoding="utf-8") for path in checkpoint]
        async with run.service(AuditDesk) as desk:
            report = await desk.verify(actor=run.actor, given=given)
        run.show({"integra": report.is_intact, "explicacion": report.text, "registros": report.checked})
        if not report.is_intact:
            sys.exit(1)

    @app.command(name="checkpoint")
    async def checkpoint() -> None:
        """Firmar ahora hasta dónde llega la bitácora y mandarlo a AUDIT_CHECKPOINT_TO."""
        async with run.service(AuditDesk) as desk:
            point = await desk.checkpoint_now()
        if point is None:
            run.say("No hay registros nuevos desde el último punto de control.")
        else:
            run.show(json.loads(point.document))

    @app.command(name="archive")
    async def archive(*, days: int | None = None) -> None:
        """Pasar lo antiguo de la bitácora a archivos firmados, que se siguen verificando, y quitarlo de la base.

        Parameters
        ----------
        days
            Cuántos días se quedan en la base, al menos 366; por omisión los de AUDIT_KEEP_DAYS.
        """
        async with run.service(AuditDesk) as desk:
            parts = await desk.archive(days=days, actor=run.actor)
        if parts:
            run.show([_told(part) for part in parts])
        else:
            run.say("Nada en la bitácora es tan antiguo.")

    @app.command(name="archives")
    async def archives() -> None:
        """Listar los archivos a los que pasó lo antiguo."""
        async with run.service(AuditDesk) as desk:
            run.show([_told(part) for part in await desk.archived()])

    return app


def _told(part: Part) -> dict[str, str | int]:
    return {"desde": part.first, "hasta": part.last, "archivo": part.file, "sha256": part.sha256}


def _vault(run: Runner) -> App:
    app = App(name="vault", help="La bóveda que guarda cerradas las e.firmas y los accesos.")

    @app.command(name="rotate")
    async def rotate() -> None:
        """Envolver todo lo guardado con la llave más nueva de VAULT_KEY, sin detener el servicio."""
        async with run.service(OperationsService) as service:
            run.show(await service.rotate_vault(actor=run.actor))

    return app


def _doctor(run: Runner) -> App:
    app = App(name="doctor", help="Revisar la instalación: qué funciona, qué falta configurar.")

    @app.default
    async def doctor() -> None:
        """Hacer todas las revisiones. Termina con 1 si falta algo."""
        async with run.service(OperationsService) as service:
            results = await service.checkup()
        run.show(
            [
                {"": _MARKS[result.finding.state], "revisión": result.caption, "resultado": result.finding.text}
                for result in results
            ]
        )
        if any(result.finding.state == "missing" for result in results):
            sys.exit(1)

    return app
