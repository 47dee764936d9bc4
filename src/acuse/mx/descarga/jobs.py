"""Background work: events in, one service method each; schedules that find what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from acuse.kernel.jobs import Job, Schedule
from acuse.mx.descarga.events import (
    DailyDue,
    PaqueteFound,
    PaqueteStored,
    RecheckDue,
    SolicitudDue,
    SolicitudEnded,
    SolicitudReady,
    SummaryDue,
    SyncAsked,
    TreeOutdated,
)
from acuse.mx.descarga.service import (
    DailyService,
    Divider,
    FetchingService,
    IndexingService,
    RecheckService,
    SendingService,
    SummaryService,
    SyncService,
    TreeWriter,
    VerifyingService,
)


def jobs(
    *,
    sending: SendingService,
    verifying: VerifyingService,
    divider: Divider,
    daily: DailyService,
    summary: SummaryService,
    recheck: RecheckService,
    fetching: FetchingService,
    indexing: IndexingService,
    sync: SyncService,
    tree: TreeWriter,
) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def send(event: SolicitudReady) -> None:
        await sending.deliver(UUID(event.solicitud_id))

    async def verify(event: SolicitudDue) -> None:
        await verifying.check(UUID(event.solicitud_id))

    async def settle(event: SolicitudEnded) -> None:
        await divider.settle(UUID(event.solicitud_id))

    async def follow(event: SolicitudEnded) -> None:
        await daily.go_on(UUID(event.solicitud_id))
        await daily.complete_year(UUID(event.solicitud_id))

    async def fetch(event: PaqueteFound) -> None:
        await fetching.fetch(UUID(event.paquete_id))

    async def index(event: PaqueteStored) -> None:
        await indexing.index(UUID(event.paquete_id))

    async def write_tree(event: TreeOutdated) -> None:
        await tree.write(event.contribuyente_id, event.year)

    async def run_sync(event: SyncAsked) -> None:
        await sync.run(contribuyente_id=event.contribuyente_id, early=True)

    return [
        Job(name="mx.descarga:send", run=send, on=SolicitudReady, caption="Enviar una solicitud al SAT"),
        Job(name="mx.descarga:verify", run=verify, on=SolicitudDue, caption="Preguntar al SAT por una solicitud"),
        Job(name="mx.descarga:settle", run=settle, on=SolicitudEnded, caption="Completar una solicitud dividida"),
        Job(name="mx.descarga:follow", run=follow, on=SolicitudEnded, caption="Seguir con la descarga diaria"),
        *_daily_jobs(daily, summary, recheck),
        Job(name="mx.descarga:fetch", run=fetch, on=PaqueteFound, caption="Descargar un paquete del SAT"),
        Job(name="mx.descarga:index", run=index, on=PaqueteStored, caption="Indexar los CFDI de un paquete"),
        Job(name="mx.descarga:tree", run=write_tree, on=TreeOutdated, caption="Escribir los textos del año"),
        Job(name="mx.descarga:sync", run=run_sync, on=SyncAsked, caption="Sincronizar con el SAT lo pendiente"),
    ]


def _daily_jobs(daily: DailyService, summary: SummaryService, recheck: RecheckService) -> Sequence[Job]:
    async def begin_day(event: DailyDue) -> None:
        await daily.begin(event.contribuyente_id, date.fromisoformat(event.day))

    async def tell(event: SummaryDue) -> None:
        await summary.tell(date.fromisoformat(event.day))

    async def look_again(event: RecheckDue) -> None:
        await recheck.begin(event.contribuyente_id, date.fromisoformat(event.day))

    return [
        Job(
            name="mx.descarga:recheck",
            run=look_again,
            on=RecheckDue,
            caption="Buscar cancelaciones en meses anteriores",
        ),
        Job(name="mx.descarga:daily", run=begin_day, on=DailyDue, caption="Empezar la descarga diaria"),
        Job(name="mx.descarga:summary", run=tell, on=SummaryDue, caption="Avisar de la descarga diaria"),
    ]


def schedules(
    *, sync: SyncService, daily: DailyService, recheck: RecheckService, cron: str, daily_cron: str, recheck_cron: str
) -> Sequence[Schedule]:
    """Answer the schedules of this feature: what is due or was left lying, the daily download, earlier months."""

    async def run() -> None:
        await sync.run()

    async def begin() -> None:
        await daily.begin_all()

    async def look_again() -> None:
        await recheck.begin_all()

    return [
        Schedule(
            name="mx.descarga:due",
            cron=cron,
            zone="America/Mexico_City",
            run=run,
            caption="Enviar, verificar y descargar lo que toca",
        ),
        Schedule(
            name="mx.descarga:night",
            cron=daily_cron,
            zone="America/Mexico_City",
            run=begin,
            caption="Descarga diaria de los contribuyentes que la tienen encendida",
        ),
        Schedule(
            name="mx.descarga:earlier",
            cron=recheck_cron,
            zone="America/Mexico_City",
            run=look_again,
            caption="Cancelaciones en meses anteriores de los contribuyentes a los que les toca hoy",
        ),
    ]
