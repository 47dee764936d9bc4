"""A new master key reaches the sealed copies in the storage."""

from __future__ import annotations

from acuse.kernel.audit import SYSTEM, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.jobs import Worker
from acuse.kernel.keyring import KeyRing
from acuse.kernel.vault import Vault, VaultRotation
from acuse.mx.contribuyentes.jobs import jobs
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.contribuyentes.store import ContribuyentesStore
from tests.mx.contribuyentes.conftest import People
from tests.support.efirmas import PASSWORD, PERSON, an_efirma
from tests.support.jobs import AUDIT_KEYS

OLD = KeyRing(current="vieja", keys={"vieja": b"v" * 32})
NEW = KeyRing(current="nueva", keys={"nueva": b"n" * 32, "vieja": b"v" * 32})
ONLY_NEW = KeyRing(current="nueva", keys={"nueva": b"n" * 32})


def service_of(
    database: Database, clock: MovableClock, files: Files, ring: KeyRing, events: Events
) -> ContribuyentesService:
    made = ContribuyentesService(
        database=database,
        store=ContribuyentesStore(),
        vault=Vault(ring),
        files=files,
        events=events,
        audit=Audit(database, clock, AUDIT_KEYS),
        clock=clock,
    )
    events.subscribe(jobs(made))
    return made


async def test_the_copy_in_the_storage_follows_the_rotation(
    database: Database, clock: MovableClock, files: Files, people: People
) -> None:
    before = service_of(database, clock, files, OLD, Events())
    loaded = an_efirma()
    found = await before.upload_efirma(people.alice, loaded.cer, loaded.key, PASSWORD)
    await before.write_copies(found.id)
    [copy] = [item.key for item in await files.list("clientes") if item.key.endswith(".key.sealed")]
    old = await files.get(copy)

    events = Events()
    after = service_of(database, clock, files, NEW, events)
    audit = Audit(database, clock, AUDIT_KEYS)
    rotation = VaultRotation(database=database, vault=Vault(NEW), audit=audit, events=events)
    assert (await rotation.rotate(actor=SYSTEM)).rewrapped["efirmas.sealed_key"] == 1
    await Worker(database=database, clock=clock, events=events, jobs=jobs(after), schedules=[]).drain()

    renewed = await files.get(copy)
    assert renewed != old
    alone = service_of(database, clock, files, ONLY_NEW, Events())
    pair = await alone.unlock(PERSON.rfc, reason="prueba", actor=SYSTEM)
    assert pair.certificate.number == loaded.pair.certificate.number
    async with database.transaction() as tx:
        row = await ContribuyentesStore().active_efirma(tx, found.id)
    assert row is not None
    assert row.sealed_key == renewed
    assert list(await files.list("clientes")) != []
