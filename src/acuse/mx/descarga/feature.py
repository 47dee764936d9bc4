"""Builds the services of descarga masiva and declares what they add to the house."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from acuse.accounts.rights import Identity, Right
from acuse.kernel.feature import (
    Alert,
    AlertSource,
    Check,
    Feature,
    Finding,
    HomePanel,
    MenuEntry,
    Mounted,
    Services,
)
from acuse.kernel.house import House
from acuse.kernel.settings import Cron, Settings
from acuse.mx.archivo import ArchivoService, CancelledStore, CensusStore
from acuse.mx.contribuyentes import BulkAction, ClientsService, ContribuyentesService, Departures
from acuse.mx.descarga import api, pages
from acuse.mx.descarga.cli import commands
from acuse.mx.descarga.jobs import jobs, schedules
from acuse.mx.descarga.model.schedule import Backoff
from acuse.mx.descarga.service import (
    DailyService,
    Divider,
    FetchingService,
    IndexingService,
    Lifetime,
    Means,
    MissingService,
    OfficeService,
    ReadingService,
    RecheckService,
    RepeatingService,
    SatLimits,
    SatSessions,
    SendingService,
    Story,
    SummaryService,
    SyncService,
    TreeWriter,
    VerifyingService,
    skew_text,
)
from acuse.mx.descarga.store import (
    SUBJECTS,
    CoverageStore,
    DailyStore,
    LifetimeStore,
    PaqueteStore,
    PlanStore,
    SatClockStore,
    SolicitudStore,
    SyncCallStore,
    TokenStore,
)
from acuse.mx.outside.sat_descarga.client import SatDescargaClient, SatUrls
from acuse.mx.outside.sat_descarga.codes import MAX_METADATA_PER_SOLICITUD, MAX_XML_PER_SOLICITUD
from acuse.notices import Outbox


class DescargaSettings(Settings):
    """Descarga masiva del SAT."""

    sat_verify_backoff_s: str = Field(
        "60,120,300,600,1800",
        description="Esperas entre verificaciones de una solicitud, separadas por comas; la última se repite.",
        json_schema_extra={"unit": "s"},
    )
    sat_max_xml: int = Field(
        MAX_XML_PER_SOLICITUD,
        gt=0,
        description="XML que el SAT entrega en una solicitud; un periodo con más se divide antes de pedirlo.",
    )
    sat_max_metadata: int = Field(
        MAX_METADATA_PER_SOLICITUD, gt=0, description="Filas de Metadata que el SAT entrega en una solicitud."
    )
    schedule_sat_due: Cron = Field(
        "* * * * *",
        description="Cada cuándo se busca lo que toca enviar, verificar o descargar (cron, Ciudad de México).",
    )

    schedule_sat_sync: Cron = Field(
        "0 23 * * *",
        description="Cuándo empieza la descarga diaria (cron, Ciudad de México).",
    )

    sat_recheck_days: int = Field(
        7,
        ge=0,
        le=90,
        description="Cada cuántos días se vuelve a pedir la Metadata de los meses cuyos CFDI aún pueden cancelarse, "
        "de quien tiene la descarga diaria encendida; 0 = nunca.",
        json_schema_extra={"unit": "días"},
    )
    sat_recheck_per_night: int = Field(
        10,
        ge=1,
        description="A cuántos contribuyentes se les piden esos meses en una noche, cada uno con seis solicitudes a lo "
        "más; los que no caben en los días de SAT_RECHECK_DAYS toman las noches que hagan falta.",
        json_schema_extra={"unit": "contribuyentes"},
    )
    schedule_sat_recheck: Cron = Field(
        "30 1 * * *",
        description="Cuándo se piden esos meses a quienes les toca ese día (cron, Ciudad de México).",
    )

    @field_validator("sat_verify_backoff_s")
    @classmethod
    def _steps(cls, value: str) -> str:
        _read_steps(value)
        return value

    @property
    def backoff(self) -> Backoff:
        """Answer the waits."""
        return Backoff(_read_steps(self.sat_verify_backoff_s))


def _read_steps(text: str) -> tuple[float, ...]:
    try:
        steps = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise ValueError("debe ser una lista de segundos separados por comas") from error
    if not all(step > 0 for step in steps):
        raise ValueError("cada espera debe ser mayor que 0")
    return steps


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    settings = house.settings.read(DescargaSettings)
    contribuyentes = services[ContribuyentesService]
    client = SatDescargaClient(house.http, house.clock, house.settings.read(SatUrls))
    solicitudes, census = SolicitudStore(), CensusStore()
    story = Story(
        store=solicitudes,
        archivo=services[ArchivoService],
        events=house.events,
        clock=house.clock,
        backoff=settings.backoff,
    )
    lifetime = Lifetime(store=LifetimeStore(), clock=house.clock)
    divider = Divider(
        database=house.database,
        solicitudes=solicitudes,
        census=census,
        lifetime=lifetime,
        story=story,
        events=house.events,
        clock=house.clock,
        limits=SatLimits(max_xml=settings.sat_max_xml, max_metadata=settings.sat_max_metadata),
    )
    sessions = SatSessions(
        database=house.database,
        store=TokenStore(),
        sat_clock=SatClockStore(),
        vault=house.vault,
        files=house.files,
        client=client,
        contribuyentes=contribuyentes,
        audit=house.audit,
        clock=house.clock,
    )
    means = Means(
        database=house.database,
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
        presence=house.presence,
        contribuyentes=contribuyentes,
        client=client,
        sessions=sessions,
        solicitudes=solicitudes,
        paquetes=PaqueteStore(),
        plans=PlanStore(),
        census=census,
        lifetime=lifetime,
        story=story,
        divider=divider,
    )
    sending = SendingService(means)
    repeating = RepeatingService(means, sending)
    missing = MissingService(means, CoverageStore())
    office = OfficeService(means, sending)
    verifying = VerifyingService(means)
    fetching = FetchingService(means)
    indexing = IndexingService(means, services[ArchivoService])
    reading = ReadingService(means)
    daily = DailyService(means, store=DailyStore())
    summary = SummaryService(
        means,
        store=DailyStore(),
        cancelled=CancelledStore(),
        outbox=services[Outbox],
        public_url=house.settings.core.acuse_public_url or "",
    )
    recheck = RecheckService(
        means,
        missing,
        CoverageStore(),
        every_days=settings.sat_recheck_days,
        per_night=settings.sat_recheck_per_night,
    )
    sync = SyncService(
        means,
        calls=SyncCallStore(),
        daily=daily,
        sending=sending,
        verifying=verifying,
        fetching=fetching,
        indexing=indexing,
    )
    clients = services[ClientsService]
    clients.add_figures(office.figures)
    services[Departures].ask_also(office.newest)
    clients.offer(BulkAction(label="Enviar las 14", path=pages.OFFICE, icon="send", right=Right.SAT_OPERATE))

    async def check_clock() -> Finding:
        skew_s = await sessions.skew()
        if fault := skew_text(skew_s):
            return Finding("warning", fault)
        if skew_s is None:
            return Finding("ok", "Todavía no se ha hablado con el SAT: su reloj se mide al autenticarse.")
        return Finding("ok", f"El reloj coincide con el del SAT (diferencia de {skew_s:.0f} s).")

    async def failed(identity: Identity) -> list[Alert]:
        overview = await reading.overview(identity)
        if overview.first_failed is None:
            return []
        many = (
            "Una solicitud al SAT falló" if overview.failed == 1 else f"{overview.failed:,} solicitudes al SAT fallaron"
        )
        path = f"{pages.HOME}?estado={overview.first_failed.value}"
        return [Alert(text=f"{many}: mira por qué y pídela de nuevo.", path=path, state="failed")]

    return Mounted(
        services=[
            daily,
            summary,
            recheck,
            sessions,
            sending,
            repeating,
            missing,
            office,
            verifying,
            fetching,
            indexing,
            sync,
            reading,
        ],
        api=[api.router],
        pages=pages.routers,
        jobs=jobs(
            sending=sending,
            verifying=verifying,
            divider=divider,
            daily=daily,
            summary=summary,
            recheck=recheck,
            fetching=fetching,
            indexing=indexing,
            sync=sync,
            tree=TreeWriter(means),
        ),
        subjects=SUBJECTS,
        schedules=schedules(
            sync=sync,
            daily=daily,
            recheck=recheck,
            cron=settings.schedule_sat_due,
            daily_cron=settings.schedule_sat_sync,
            recheck_cron=settings.schedule_sat_recheck,
        ),
        menu=[
            MenuEntry(
                section="",
                label="Descarga masiva",
                path=pages.HOME,
                icon="download",
                right=Right.SAT_READ,
                order=20,
            )
        ],
        home=[HomePanel(right=Right.SAT_READ, render=pages.home_panel, order=10)],
        alerts=[AlertSource(right=Right.SAT_READ, find=failed)],
        checks=[Check(caption="Reloj del SAT", run=check_clock)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="descarga",
    country="mx",
    caption="Solicitudes al SAT, su verificación y los paquetes que traen.",
    build=build,
    settings=[SatUrls, DescargaSettings],
    commands=commands,
)
