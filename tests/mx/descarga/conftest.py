"""A house whose SAT is the simulator, on one clock that stands still; its jobs run only when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.accounts.model import Role, UserStatus
from acuse.accounts.tables import UserRow
from acuse.features import open_features
from acuse.kernel.audit import Actor
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.kernel.jobs import Job
from acuse.mx.cfdi.corpus import Corpus, CorpusEntry, Issuers, Taxpayer
from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.periodo import Periodo, read_date
from acuse.mx.descarga.service import (
    FetchingService,
    IndexingService,
    ReadingService,
    SatSessions,
    SendingService,
    SyncService,
    VerifyingService,
)
from acuse.mx.descarga.tables import PaqueteRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Document, Limits, SatState, create_app
from tests.support import documents as made
from tests.support.efirmas import COMPANY, PASSWORD, an_efirma, lookalike_ca

ORIGIN = "https://sat.test"
RFC = str(COMPANY.rfc)
PAYER = "Ñ&O120726RX3"
YEAR = 2025
SIZE = 90
NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


@dataclass
class Office:
    """The services, the simulated SAT, three people, and a hand that runs the jobs."""

    house: House
    services: Services
    sat: SatState
    clock: MovableClock
    alice: Actor
    bob: Actor
    charlie: Actor
    jobs: dict[str, Job] = field(default_factory=dict)

    @property
    def sending(self) -> SendingService:
        return self.services[SendingService]

    @property
    def verifying(self) -> VerifyingService:
        return self.services[VerifyingService]

    @property
    def fetching(self) -> FetchingService:
        return self.services[FetchingService]

    @property
    def indexing(self) -> IndexingService:
        return self.services[IndexingService]

    @property
    def reading(self) -> ReadingService:
        return self.services[ReadingService]

    @property
    def sessions(self) -> SatSessions:
        return self.services[SatSessions]

    @property
    def sync(self) -> SyncService:
        return self.services[SyncService]

    async def run_jobs(self, *, only: str = "", stop: Callable[[str], bool] = lambda _: False) -> list[str]:
        """Run what is due by the test's clock until nothing is; answer the names of what ran."""
        ran: list[str] = []
        while (job := await self._take(only)) is not None:
            name, arguments = job
            if stop(name):
                break
            declared = self.jobs[name]
            await declared.run(declared.on.rebuild(arguments))
            ran.append(name)
        return ran

    async def pass_time(self, **step: float) -> None:
        """Move our clock and the SAT's together."""
        self.clock.move(**step)
        self.sat.clock.move(**step)
        await asyncio.sleep(0)

    async def settle(self, *, rounds: int = 12) -> None:
        """Let time pass and jobs run until no solicitud moves any more."""
        for _ in range(rounds):
            await self.run_jobs()
            page = await self.reading.solicitudes(self.alice)
            if all(row.estado.is_final or row.estado.value == "programada" for row in page.items):
                return
            await self.pass_time(minutes=3)

    async def solicitud(self, solicitud_id: UUID) -> SolicitudRow:
        return (await self.reading.solicitud(self.alice, solicitud_id)).solicitud

    async def paquetes(self) -> list[PaqueteRow]:
        return [row for row, _ in (await self.reading.paquetes(self.alice)).items]

    async def sql(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        async with self.house.database.transaction() as tx:
            return [dict(row) for row in (await tx.execute(text(statement), values)).mappings()]

    async def _take(self, only: str) -> tuple[str, dict[str, Any]] | None:
        taken = """
            DELETE FROM procrastinate_jobs WHERE id = (
                SELECT id FROM procrastinate_jobs
                 WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now) AND task_name LIKE :only
                 ORDER BY scheduled_at NULLS FIRST, id LIMIT 1)
            RETURNING task_name, args
        """
        async with self.house.database.transaction() as tx:
            row = (await tx.execute(text(taken), {"now": self.clock.now(), "only": f"%{only}%"})).one_or_none()
        return None if row is None else (row[0], row[1])


def parametros(
    desde: str = "2025-01-01",
    hasta: str = "2025-01-31",
    *,
    tipo: TipoSolicitud = TipoSolicitud.CFDI,
    sentido: Sentido = Sentido.EMITIDOS,
    **more: Any,
) -> Parametros:
    """What a single solicitud asks; January 2025, issued, unless said otherwise."""
    periodo = Periodo(read_date(desde), read_date(hasta, end=True))
    return Parametros.ask(tipo=tipo, sentido=sentido, periodo=periodo, **more)


@cache
def corpus() -> Corpus:
    """A small year of our company, made once a run."""
    issuers = Issuers(lookalike_ca(), not_before=datetime(2024, 6, 1, tzinfo=UTC))
    taxpayer = Taxpayer(rfc=RFC, nombre=COMPANY.name)
    return Corpus(taxpayer=taxpayer, year=YEAR, size=SIZE, issuers=issuers)


@cache
def xml_of(uuid: str) -> bytes:
    entry = corpus().find(uuid)
    assert entry is not None
    return corpus().xml(entry)


def _document(entry: CorpusEntry) -> Document:
    return Document(
        uuid=entry.uuid,
        rfc_emisor=entry.emisor_rfc,
        nombre_emisor=entry.emisor_nombre,
        rfc_receptor=entry.receptor_rfc,
        nombre_receptor=entry.receptor_nombre,
        rfc_pac=entry.rfc_pac,
        fecha=entry.fecha,
        fecha_timbrado=entry.fecha_timbrado,
        total=entry.total,
        efecto=entry.efecto,
        fecha_cancelacion=entry.fecha_cancelacion,
        rfc_tercero=entry.tercero_rfc or "",
        nombre_tercero=entry.tercero_nombre or "",
        xml=lambda: xml_of(entry.uuid),
    )


@cache
def documents() -> tuple[Document, ...]:
    return tuple(_document(entry) for entry in corpus().entries())


def a_retencion(number: int, fecha: datetime, *, received: bool = False) -> Document:
    """A certificate of withholding as the SAT holds it."""
    uuid = str(UUID(int=0x5C2B_0000 + number)).upper()
    emisor, receptor = (PAYER, RFC) if received else (RFC, PAYER)
    return Document(
        uuid=uuid,
        rfc_emisor=emisor,
        nombre_emisor="ÑANDÚ & OTOÑO" if received else "ESCUELA KEMPER URGATE",
        rfc_receptor=receptor,
        nombre_receptor="ESCUELA KEMPER URGATE" if received else "ÑANDÚ & OTOÑO",
        fecha=fecha,
        fecha_timbrado=fecha,
        total=Decimal("10000.00"),
        efecto="",
        xml=lambda: made.retencion20(uuid, emisor=emisor, fecha=fecha.isoformat()),
    )


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {
        "SAT_CFDI_SOLICITUD_URL": f"{ORIGIN}/cfdi",
        "SAT_CFDI_DESCARGA_URL": f"{ORIGIN}/cfdi",
        "SAT_RETENCIONES_SOLICITUD_URL": f"{ORIGIN}/retenciones",
        "SAT_RETENCIONES_DESCARGA_URL": f"{ORIGIN}/retenciones",
    }


def a_user(number: int, name: str) -> UserRow:
    return UserRow(
        id=number,
        tax_id=f"{number:011d}",
        name=name,
        mail=f"{name.lower()}@example.org",
        role=Role.CONTRIBUYENTE.value,
        status=UserStatus.ACTIVE,
        country="mx",
        password_hash="",
        must_change_password=False,
        token_version=0,
        created_at=NOON,
    )


@pytest.fixture
async def office(house: House, clock: MovableClock) -> AsyncIterator[Office]:
    """Alice owns the company's RFC and has loaded its e.firma; Bob may look; Charlie must not see."""
    sat = SatState(
        corpus_by_rfc={RFC: documents()},
        ca=lookalike_ca().certificate,
        clock=MovableClock(clock.now()),
        limits=Limits(accepted_s=30, working_s=30, xml_per_package=1000),
    )
    house.http.mount(ORIGIN, create_app(sat))
    async with open_features(house) as services:
        jobs = [job for mounted in services.mounted.values() for job in mounted.jobs]
        alice, bob, charlie = Actor(101, "Alice"), Actor(102, "Bob"), Actor(103, "Charlie")
        async with house.database.transaction() as tx:
            tx.add_all([a_user(person.id or 0, person.name) for person in (alice, bob, charlie)])
        made = Office(house, services, sat, clock, alice, bob, charlie, jobs={job.name: job for job in jobs})
        contribuyentes = services[ContribuyentesService]
        files = an_efirma(COMPANY)
        await contribuyentes.upload_efirma(made.alice, files.cer, files.key, PASSWORD)
        await contribuyentes.grant_access(made.alice, RFC, made.bob.id or 0, AccessLevel.LECTURA)
        await made.run_jobs()
        yield made


def limited(office: Office, **changes: Any) -> None:
    """Change the simulated SAT's numbers."""
    office.sat.limits = replace(office.sat.limits, **changes)
