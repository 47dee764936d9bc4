"""What can go wrong with jobs as such, and the event that tells of a job that gave up."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.errors import AppError, Conflict, NotFound
from acuse.kernel.events import Event


class JobNotFound(NotFound):
    """There is no such job, or it was cleaned away."""

    code = "JOB_NOT_FOUND"
    message = "No existe el trabajo {job_id}. Los trabajos terminados se borran después de unos días."


class JobNotRetryable(Conflict):
    """Only a failed job can be asked again."""

    code = "JOB_NOT_RETRYABLE"
    message = "El trabajo {job_id} no se puede reintentar: está {state}. Solo se reintentan los que fallaron."


class JobCrashed(AppError):
    """A handler met a bug: the traceback is in the log, the page shows this."""

    code = "JOB_CRASHED"
    message = "El trabajo se detuvo por un error inesperado ({kind}). El detalle está en el registro del servidor."


class JobLost(AppError):
    """Each process that ran this job died, or the job ended without leaving word."""

    code = "JOB_LOST"
    message = (
        "El proceso que hacía este trabajo se detuvo varias veces a la mitad. Revisa la memoria del equipo y reintenta."
    )


class JobUnknown(AppError):
    """A job of a feature that is gone or switched off."""

    code = "JOB_UNKNOWN"
    message = "Nadie atiende ya este trabajo ({name}): la función que lo creó no está activa en esta instalación."


@dataclass(frozen=True)
class JobFailed(Event):
    """A job gave up: no try is left. Subscribe to it to tell somebody."""

    job_id: int
    name: str
