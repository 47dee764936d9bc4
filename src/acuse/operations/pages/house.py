"""The home page, the page of jobs and the page of health."""

from typing import Annotated, Final

from fastapi import Query, Request, Response
from markupsafe import Markup

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.jobs import JobState
from acuse.operations.service import OperationsService
from acuse.webkit.blocks import Tab
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

Service = Annotated[OperationsService, provide(OperationsService)]
router = page_router("/app")
JOBS_PATH = "/app/trabajos"
_CLOCKS: Final = {
    "America/Mexico_City": "hora de la Ciudad de México",
    "America/Argentina/Buenos_Aires": "hora de Buenos Aires",
}


@router.get("")
@needs(Right.ACCOUNT_SELF)
async def home(request: Request, service: Service, caller: Caller) -> Response:
    """Draw what each feature has to say to this person."""
    panels = [
        Markup(await panel.render(request))  # noqa: S704 - drawn by a feature's own template
        for panel in service.panels
        if caller.may(Right(panel.right))
    ]
    drawn = [panel for panel in panels if panel]
    return render(request, "operations/home.html", panels=drawn, alerts=await service.alerts(caller))


async def home_panel(request: Request) -> str:
    """Draw what an administrator wants to know first."""
    service: OperationsService = request.app.state.services[OperationsService]
    return fragment(request, "operations/glance.html", glance=await service.glance(), states=JobState)


@router.get("/trabajos")
@needs(Right.JOBS_MANAGE)
async def jobs(
    request: Request, service: Service, estado: JobState | None = None, cursor: Annotated[str | None, Query()] = None
) -> Response:
    """List jobs of one state; without a choice the failed ones if there are any, else what runs."""
    counts = await service.board.counts()
    state = estado or (JobState.FAILED if counts[JobState.FAILED] else JobState.RUNNING)
    page = await service.board.list(state, cursor=cursor)
    tabs = [
        Tab(label=each.caption, href=f"{JOBS_PATH}?estado={each.value}", current=each is state, count=counts[each])
        for each in JobState
    ]
    return render(
        request,
        "operations/jobs.html",
        page=page,
        tabs=tabs,
        state=state,
        schedules=await service.board.schedules(),
        timing=timing,
    )


def timing(cron: str, zone: str) -> str:
    """Say as people do when a schedule falls due; what is unusual stays the cron line it is."""
    match cron.split():
        case ["*", "*", "*", "*", "*"]:
            return "Cada minuto"
        case [minute, "*", "*", "*", "*"] if minute.startswith("*/"):
            return f"Cada {minute[2:]} minutos"
        case [minute, "*", "*", "*", "*"] if minute.isdecimal():
            return f"Cada hora, al minuto {minute}"
        case [minute, hour, "*", "*", "*"] if minute.isdecimal() and hour.isdecimal():
            return f"Cada día a las {int(hour):02}:{int(minute):02}, {_CLOCKS.get(zone, zone)}"
    return f"{cron} {zone}"


@router.post("/trabajos/{job_id}/reintentar")
@needs(Right.JOBS_MANAGE)
async def retry_job(request: Request, service: Service, caller: Caller, job_id: int) -> Response:
    """Put a failed job back into the queue."""
    await service.board.retry(job_id, actor=caller.actor)
    return redirect(request, JOBS_PATH, note=f"El trabajo {job_id} volvió a la fila.")


@router.get("/salud")
@needs(Right.SETTINGS_READ)
async def health(request: Request, service: Service) -> Response:
    """Show every check, as `acuse doctor` does."""
    return render(request, "operations/health.html", results=await service.checkup())


@router.get("/avisos")
@needs(Right.ACCOUNT_SELF)
async def alerts(request: Request, service: Service, caller: Caller) -> Response:
    """List what needs this person, each with the way to see to it."""
    return render(request, "operations/alerts.html", alerts=await service.alerts(caller))


@router.get("/avisos/cuenta")
@needs(Right.ACCOUNT_SELF)
async def alert_count(request: Request, service: Service, caller: Caller) -> Response:
    """Answer the number beside the bell, nothing when all is quiet."""
    return render(request, "operations/alert_count.html", count=len(await service.alerts(caller)))
