"""What is old leaves the database: written to files, each vouched for by a signed line, and only then removed.

A line says which rows a file holds and the hash of the last of them, where the rest of the chain goes on; the
database lets no row go that no line covers. The files verify like the rows they hold.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text

from acuse.kernel.audit.actions import AuditAction
from acuse.kernel.audit.actor import Actor
from acuse.kernel.audit.chain import LEAST_DAYS, AuditKeys, as_plain
from acuse.kernel.audit.log import Audit
from acuse.kernel.audit.signing import Signer
from acuse.kernel.audit.tables import ArchiveRow, AuditRow
from acuse.kernel.audit.verify import AuditFault, Walk
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import Conflict, InvalidInput
from acuse.kernel.files import Files
from acuse.kernel.files.errors import FileExists, FileMissing
from acuse.kernel.keyring import KeyRing

FOLDER: Final = "auditoria-archivo"
_CHUNK: Final = 1000
_FIELDS: Final = {"version", "first", "last", "before", "head", "file", "sha256", "made_at", "key"}
_HASHES: Final = ("prev_hash", "hash")
_UNREADABLE: Final = (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError)


class AuditBroken(Conflict):
    """The audit does not verify, so nothing of it is put away."""

    code = "AUDIT_BROKEN"
    message = "La bitácora no está íntegra y no se archivó nada más. Compruébala con `acuse audit verify`."


class AuditKeptTooShort(InvalidInput):
    """The audit is kept for a year at least."""

    code = "AUDIT_KEPT_TOO_SHORT"
    message = f"La bitácora se conserva al menos {LEAST_DAYS} días: di más con --days o en AUDIT_KEEP_DAYS."


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of rows that left: from `first` to `last`, between two hashes (hex). `document` is its signed line."""

    first: int
    last: int
    before: str
    head: str
    file: str
    sha256: str
    document: str


class AuditArchive:
    """Puts the old end of the chain away, and walks what was put away."""

    def __init__(
        self,
        *,
        database: Database,
        files: Files,
        clock: Clock,
        audit: Audit,
        keys: AuditKeys,
        part_rows: int = 50_000,
    ) -> None:
        self._database = database
        self._files = files
        self._outside = keys.stores()
        self._clock = clock
        self._audit = audit
        self._ring: KeyRing = keys.ring()
        self._signer = Signer(keys.signing_ring())
        self._part_rows = part_rows

    async def put_away(self, *, days: int, actor: Actor) -> Sequence[Part]:
        """Archive every row older than so many days; answer the files written, oldest first.

        Each file is kept with the other files and outside, and its rows leave in the transaction that keeps its
        line and its audit act. Raises AuditKeptTooShort, AuditBroken; broken off, it goes on the next time.
        """
        if days < LEAST_DAYS:
            raise AuditKeptTooShort
        before = self._clock.now() - timedelta(days=days)
        parts = []
        while (part := await self._next(before, actor)) is not None:
            parts.append(part)
        return parts

    async def parts(self) -> Sequence[Part]:
        """Answer what was put away, oldest first."""
        async with self._database.transaction() as tx:
            return [_part(json.loads(line), line) for line in await _lines(tx)]

    async def walk(self, tx: Transaction, walk: Walk) -> AuditFault | None:
        """Follow the chain through every file up to where the database goes on; answer how it breaks, if it does.

        A file that is no longer here is passed over by what its signed line vouches for, and counted as unread.
        """
        for line in await _lines(tx):
            told = self._signer.read(line)
            if told is None or set(told) != _FIELDS:
                return AuditFault.ARCHIVE_FORGED
            part = _part(told, line)
            if (part.first, part.before) != (walk.seq + 1, walk.hash.hex()):
                return AuditFault.MISSING
            try:
                async for row in self._rows(part.file):
                    if (fault := walk.step(row)) is not None:
                        return fault
            except FileMissing:
                walk.pass_over(part.last, bytes.fromhex(part.head))
            except _UNREADABLE:
                return AuditFault.ARCHIVE_ALTERED
            if (walk.seq, walk.hash.hex()) != (part.last, part.head):
                return AuditFault.ARCHIVE_ALTERED
            walk.archived = walk.seq
        return None

    async def _next(self, before: datetime, actor: Actor) -> Part | None:
        async with self._database.transaction() as tx:
            walk = await self._end(tx)
            first, start = walk.seq + 1, walk.hash.hex()
            data = await self._pack(tx, walk, before)
        if walk.seq < first:
            return None
        file = f"{FOLDER}/{first:012d}-{walk.seq:012d}.jsonl.gz"
        stored = await self._files.put(file, data)
        told = {
            "version": 1,
            "first": first,
            "last": walk.seq,
            "before": start,
            "head": walk.hash.hex(),
            "file": file,
            "sha256": stored.sha256,
            "made_at": self._clock.now(),
        }
        part = _part(told, self._signer.sign(told))
        for store in self._outside:
            await _put_once(store, file, data)
            await _put_once(store, f"{file}.json", part.document.encode() + b"\n")
        return part if await self._remove(part, actor) else None

    async def _pack(self, tx: Transaction, walk: Walk, before: datetime) -> bytes:
        """Answer the next rows as compressed lines of JSON, each checked on the way."""
        packed, last = io.BytesIO(), walk.seq + self._part_rows
        query = select(*AuditRow.__table__.columns).order_by(AuditRow.seq).limit(_CHUNK)
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as lines:
            while rows := (await tx.execute(query.where(AuditRow.seq.between(walk.seq + 1, last)))).mappings().all():
                for row in map(dict, rows):
                    if row["timestamp"] >= before:
                        last = walk.seq
                        break
                    if walk.step(row) is not None:
                        raise AuditBroken(seq=walk.seq + 1)
                    lines.write(_line(row))
        return packed.getvalue()

    async def _remove(self, part: Part, actor: Actor) -> bool:
        """Let the rows of a kept file go; answer no when another process was first."""
        async with self._database.transaction() as tx:
            await tx.execute(text("SET LOCAL statement_timeout = 0"))
            await tx.execute(text("LOCK TABLE auditoria_archivos IN SHARE ROW EXCLUSIVE MODE"))
            if (await self._end(tx)).seq != part.first - 1:
                return False
            row = {"seq": part.last, "made_at": self._clock.now(), "document": part.document}
            await tx.execute(insert(ArchiveRow).values(row))
            await tx.execute(delete(AuditRow).where(AuditRow.seq <= part.last))
            after = {"desde": part.first, "hasta": part.last, "archivo": part.file, "sha256": part.sha256}
            await self._audit.record(
                tx,
                AuditAction.ARCHIVE_AUDIT,
                actor=actor,
                target_type="auditoria",
                target_id=str(part.last),
                after=after,
            )
        return True

    async def _end(self, tx: Transaction) -> Walk:
        """Answer where what was put away ends."""
        walk = Walk(self._ring, {})
        for line in (await _lines(tx))[-1:]:
            told = self._signer.read(line)
            if told is None:
                raise AuditBroken(archivo=line)
            walk.pass_over(told["last"], bytes.fromhex(told["head"]))
        return walk

    async def _rows(self, key: str) -> AsyncIterator[Mapping[str, Any]]:
        unpacked, rest = zlib.decompressobj(wbits=31), b""
        async for piece in self._files.stream(key):
            *lines, rest = (rest + unpacked.decompress(piece)).split(b"\n")
            for line in lines:
                told = json.loads(line)
                yield told | {name: bytes.fromhex(told[name]) for name in _HASHES}


async def archived_up_to(tx: Transaction) -> int:
    """Answer the last row that left the database; 0 when all are there."""
    return (await tx.execute(select(func.coalesce(func.max(ArchiveRow.seq), 0)))).scalar_one()


async def _lines(tx: Transaction) -> Sequence[str]:
    return list(await tx.scalars(select(ArchiveRow.document).order_by(ArchiveRow.seq)))


async def _put_once(store: Files, key: str, data: bytes) -> None:
    """Keep a file outside, where nothing is written over; the same one may be there from a try that broke off."""
    try:
        await store.put_new(key, data)
    except FileExists:
        if await store.get(key) != data and key.endswith(".gz"):
            raise


def _line(row: Mapping[str, Any]) -> bytes:
    event = as_plain({name: value for name, value in row.items() if name not in _HASHES})
    hashes = {name: row[name].hex() for name in _HASHES}
    return json.dumps(event | hashes, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _part(told: Mapping[str, Any], line: str) -> Part:
    names = ("first", "last", "before", "head", "file", "sha256")
    return Part(**{name: told[name] for name in names}, document=line)
