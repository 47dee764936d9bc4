"""A process that indexes one package and is there to be killed: `url files contribuyente key kind`."""

from __future__ import annotations

import asyncio
import secrets
import sys
from dataclasses import dataclass

from acuse.accounts.tables import UserRow
from acuse.kernel.audit import Audit
from acuse.kernel.clock import SystemClock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database, adapt_url
from acuse.kernel.events import Event, Events
from acuse.kernel.files import Files
from acuse.kernel.keyring import KeyRing
from acuse.kernel.vault import Vault
from acuse.mx.archivo import ArchivoService, CancellationsFound
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.contribuyentes.store import ContribuyentesStore


@dataclass(frozen=True)
class Letter:
    """A job that tells of cancellations; here it only waits."""

    name: str = "letter"
    on: type[Event] = CancellationsFound
    queue: str = "letters"


def an_archive(database: Database, files: Files, cpu: CpuPool) -> ArchivoService:
    """Put the service together over its true parts."""
    clock = SystemClock()
    events = Events()
    events.subscribe([Letter()])
    keys = KeyRing.parse(secrets.token_hex(32), setting="VAULT_KEY")
    contribuyentes = ContribuyentesService(
        database=database,
        store=ContribuyentesStore(),
        vault=Vault(keys),
        files=files,
        events=Events(),
        audit=Audit(database, clock, keys),
        clock=clock,
    )
    return ArchivoService(
        database=database, contribuyentes=contribuyentes, files=files, cpu=cpu, events=events, clock=clock
    )


async def main(url: str, files: str, contribuyente_id: int, key: str, kind: str) -> None:
    """Index the package."""
    assert UserRow.__tablename__
    database = Database(url=adapt_url(url))
    await database.open(migrate=False)
    cpu = CpuPool(1)
    try:
        archive = an_archive(database, Files.from_url(files), cpu)
        ingest = archive.ingest_xml_package if kind == "xml" else archive.ingest_metadata_package
        await ingest(contribuyente_id, key, "E")
    finally:
        cpu.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]))
