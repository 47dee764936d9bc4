"""Background work: the list fetched by the clock, people told of what it brings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from acuse.kernel.jobs import Job, Schedule
from acuse.mx.archivo import CfdisAdded
from acuse.mx.listas.events import CounterpartListed, FetchAsked
from acuse.mx.listas.service import ListasService


def jobs(service: ListasService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def tell(event: CounterpartListed) -> None:
        await service.tell(event.contribuyente_id, datetime.fromisoformat(event.found_at))

    async def fetch(_: FetchAsked) -> None:
        await service.fetch()

    async def match(event: CfdisAdded) -> None:
        await service.match(event.contribuyente_id)

    return [
        Job(name="mx.listas:match", run=match, on=CfdisAdded, caption="Buscar contrapartes nuevas en el 69-B"),
        Job(name="mx.listas:fetch_now", run=fetch, on=FetchAsked, caption="Descargar la lista del 69-B a petición"),
        Job(name="mx.listas:tell", run=tell, on=CounterpartListed, caption="Avisar de contrapartes en el 69-B"),
    ]


def schedules(service: ListasService, cron: str) -> Sequence[Schedule]:
    """Answer the schedules of this feature."""

    async def fetch() -> None:
        await service.fetch()

    return [
        Schedule(
            name="mx.listas:fetch",
            cron=cron,
            zone="America/Mexico_City",
            run=fetch,
            caption="Descargar la lista del 69-B",
        )
    ]
