"""The taxpayers' service over a real database, with Alice, Bob and Charlie as users."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from acuse.accounts.model import Role, UserStatus
from acuse.accounts.tables import UserRow
from acuse.kernel.audit import Actor, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.keyring import KeyRing
from acuse.kernel.vault import Vault
from acuse.mx.contribuyentes.jobs import jobs
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.contribuyentes.store import ContribuyentesStore
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.efirmas import NOW


@dataclass(frozen=True)
class People:
    """Alice owns, Bob is invited, Charlie must not see."""

    alice: Actor
    bob: Actor
    charlie: Actor


@pytest.fixture
async def people(database: Database) -> People:
    names = ("Alice", "Bob", "Charlie")
    rows = [_user(number, name) for number, name in enumerate(names, start=101)]
    async with database.transaction() as tx:
        tx.add_all(rows)
    return People(*(Actor(row.id, row.name) for row in rows))


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


@pytest.fixture
def vault() -> Vault:
    return Vault(KeyRing.parse(secrets.token_hex(32), setting="VAULT_KEY"))


@pytest.fixture
def audit(database: Database, clock: MovableClock) -> Audit:
    return Audit(database, clock, KeyRing.parse(secrets.token_hex(32), setting="AUDIT_KEY"))


@pytest.fixture
def service(database: Database, clock: MovableClock, files: Files, vault: Vault, audit: Audit) -> ContribuyentesService:
    events = Events()
    made = ContribuyentesService(
        database=database,
        store=ContribuyentesStore(),
        vault=vault,
        files=files,
        events=events,
        audit=audit,
        clock=clock,
    )
    events.subscribe(jobs(made))
    return made


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def alice(site: Site) -> Visitor:
    return await site.person("Alice", "GODE561231GR8")


@pytest.fixture
async def bob(site: Site) -> Visitor:
    return await site.person("Bob", "COSC8001137NA")


@pytest.fixture
async def charlie(site: Site) -> Visitor:
    return await site.person("Charlie", "EKU9003173C9")
