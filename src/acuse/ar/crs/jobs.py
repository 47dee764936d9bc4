"""Background work: letters of alerts, the daily radar, the counters checked, days counted, old keys removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from acuse.ar.crs.events import AlertRaised
from acuse.ar.crs.service import Alerts, DownloadService, QuotaService, Radar
from acuse.kernel.jobs import Job, Schedule

_ZONE = "America/Argentina/Buenos_Aires"


def jobs(alerts: Alerts) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def write(event: AlertRaised) -> None:
        await alerts.write_letters(UUID(event.alert_id))

    return [Job(name="ar.crs:alert", run=write, on=AlertRaised, caption="Avisar de un cupo de descargas")]


def schedules(
    radar: Radar, quotas: QuotaService, downloads: DownloadService, purge: Callable[[], Awaitable[None]]
) -> Sequence[Schedule]:
    """Answer the schedules of this feature, in the time of Buenos Aires."""

    async def digest() -> None:
        await radar.digest()

    return [
        Schedule(
            name="ar.crs:radar", cron="0 8 * * *", zone=_ZONE, run=digest, caption="Avisar de certificados por vencer"
        ),
        Schedule(
            name="ar.crs:counters",
            cron="30 3 * * *",
            zone=_ZONE,
            run=quotas.check_counters,
            caption="Comprobar los contadores de descargas",
        ),
        Schedule(
            name="ar.crs:days",
            cron="20 3 * * *",
            zone=_ZONE,
            run=downloads.count_days,
            caption="Contar las descargas de los días terminados",
        ),
        Schedule(
            name="ar.crs:purge", cron="45 3 * * *", zone=_ZONE, run=purge, caption="Borrar claves de descargas viejas"
        ),
    ]
