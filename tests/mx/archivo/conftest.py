"""The archive over a real database, with Alice, Bob and Charlie and two taxpayers."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest

from acuse.accounts.model import Role, UserStatus
from acuse.accounts.tables import UserRow
from acuse.kernel.audit import Actor, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.keyring import KeyRing
from acuse.kernel.vault import Vault
from acuse.mx.archivo import ArchivoService
from acuse.mx.archivo.service import DocumentosService
from acuse.mx.contribuyentes.jobs import jobs
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.contribuyentes.store import ContribuyentesStore
from acuse.mx.contribuyentes.tables import AccesoRow, ContribuyenteRow
from tests.support.cfdis import TAXPAYER
from tests.support.efirmas import NOW

OTHER_RFC = "Ñ&O120726RX3"
Put = Callable[[str, bytes], Awaitable[str]]


@dataclass(frozen=True)
class Office:
    """Alice owns the taxpayer of the corpus, Bob may read it, Charlie has another taxpayer only."""

    alice: Actor
    bob: Actor
    charlie: Actor
    machine: Actor
    kemper: int
    other: int


@pytest.fixture(scope="session")
def cpu() -> Iterator[CpuPool]:
    """Two processes for the whole run."""
    pool = CpuPool(2)
    yield pool
    pool.close()


@pytest.fixture
async def office(database: Database) -> Office:
    """People and taxpayers."""
    users = [_user(number, name) for number, name in enumerate(("Alice", "Bob", "Charlie"), start=101)]
    kemper = ContribuyenteRow(rfc=TAXPAYER.rfc, name=TAXPAYER.nombre, created_at=NOW)
    other = ContribuyenteRow(rfc=OTHER_RFC, name="ÑANDÚ & OTOÑO", created_at=NOW)
    async with database.transaction() as tx:
        tx.add_all([*users, kemper, other])
        await tx.flush()
        access = ((kemper.id, 101, AccessLevel.DUENO), (kemper.id, 102, AccessLevel.LECTURA))
        for taxpayer, user, level in (*access, (other.id, 103, AccessLevel.DUENO)):
            tx.add(AccesoRow(contribuyente_id=taxpayer, user_id=user, level=level.value, granted_at=NOW))
    alice, bob, charlie = (Actor(user.id, user.name) for user in users)
    return Office(alice, bob, charlie, Actor(None, "Acuse"), kemper.id, other.id)


@pytest.fixture
def contribuyentes(database: Database, clock: MovableClock, files: Files) -> ContribuyentesService:
    """The taxpayers' own service."""
    events = Events()
    made = ContribuyentesService(
        database=database,
        store=ContribuyentesStore(),
        vault=Vault(KeyRing.parse(secrets.token_hex(32), setting="VAULT_KEY")),
        files=files,
        events=events,
        audit=Audit(database, clock, KeyRing.parse(secrets.token_hex(32), setting="AUDIT_KEY")),
        clock=clock,
    )
    events.subscribe(jobs(made))
    return made


@pytest.fixture
def archive(
    database: Database, contribuyentes: ContribuyentesService, files: Files, cpu: CpuPool, clock: MovableClock
) -> ArchivoService:
    """The service under test."""
    return ArchivoService(
        database=database, contribuyentes=contribuyentes, files=files, cpu=cpu, events=Events(), clock=clock
    )


@pytest.fixture
def reading(archive: ArchivoService, database: Database, cpu: CpuPool) -> DocumentosService:
    """What shows single documents."""
    return DocumentosService(archive=archive, database=database, cpu=cpu)


@pytest.fixture
def put(files: Files) -> Put:
    """Store a package and answer its key."""

    async def store(name: str, data: bytes) -> str:
        key = f"clientes/{TAXPAYER.rfc}/2025/paquetes/cfdi/{name}.zip"
        await files.put(key, data)
        return key

    return store


def _user(number: int, name: str) -> UserRow:
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
        created_at=NOW,
    )
