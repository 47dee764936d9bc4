"""Signed checkpoints: how far the chain went and where it stood, kept off the machine, so that nothing is cut.

A chain alone does not see that its end was taken away, nor that all of it was written anew with its own key. A
checkpoint is a line of JSON signed with Ed25519 (RFC 8032), which names the one before it by hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, insert, select

from acuse.kernel.audit.archive import AuditArchive
from acuse.kernel.audit.chain import AuditKeys
from acuse.kernel.audit.log import Audit
from acuse.kernel.audit.signing import Signer
from acuse.kernel.audit.tables import AuditHead, AuditRow, CheckpointRow
from acuse.kernel.audit.verify import AuditFault, AuditReport
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.files import Files

FOLDER: Final = "auditoria"
_FIELDS: Final = {"version", "seq", "head", "first", "last", "made_at", "previous", "key"}


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One signed word: the chain reached `seq` with `hash` (hex). `document` is the signed line itself."""

    seq: int
    hash: str
    previous: str
    document: str

    @property
    def name(self) -> str:
        """Answer the file it is kept in outside."""
        return f"{FOLDER}/{self.seq:012d}.json"

    @property
    def digest(self) -> str:
        """Answer the hash by which the next one names it."""
        return hashlib.sha256(self.document.encode()).hexdigest()


class Checkpoints:
    """Makes checkpoints, takes them outside and holds the chain against them."""

    def __init__(
        self, *, database: Database, clock: Clock, audit: Audit, keys: AuditKeys, archive: AuditArchive
    ) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._signer = Signer(keys.signing_ring())
        self._every = keys.audit_checkpoint_events
        self._after = timedelta(minutes=keys.audit_checkpoint_minutes)
        self._archive = archive
        self.recipients = tuple(place.removeprefix("mailto:") for place in keys.places if "://" not in place)
        self._stores = keys.stores()

    async def due(self) -> Checkpoint | None:
        """Make a checkpoint if enough has happened or enough time has passed since an act; else answer None."""
        async with self._database.transaction() as tx:
            head = (await tx.execute(select(AuditHead.seq))).scalar_one()
            last = await _last(tx)
            if head == (last.seq if last else 0):
                return None
            if head - (last.seq if last else 0) < self._every:
                oldest = select(AuditRow.timestamp).where(AuditRow.seq == (last.seq if last else 0) + 1)
                since = (await tx.execute(oldest)).scalar_one_or_none()
                if since is not None and self._clock.now() - since < self._after:
                    return None
        return await self.make()

    async def make(self) -> Checkpoint | None:
        """Sign where the chain stands now, once; then take it to every storage outside. None if nothing is new."""
        async with self._database.transaction() as tx:
            head = (await tx.execute(select(AuditHead.seq, AuditHead.hash).with_for_update())).one()
            last = await _last(tx)
            if head.seq == 0 or (last is not None and last.seq >= head.seq):
                return None
            point = await self._signed(tx, head.seq, head.hash.hex(), last)
            await tx.execute(
                insert(CheckpointRow).values(seq=point.seq, made_at=self._clock.now(), document=point.document)
            )
        await self.send_outside()
        return point

    async def send_outside(self) -> None:
        """Put every checkpoint that a storage outside lacks there. What is there is never written over."""
        if not self._stores:
            return
        async with self._database.transaction() as tx:
            points = await _all(tx)
        for store in self._stores:
            there = {stored.key for stored in await store.list(FOLDER)}
            for point in points:
                if point.name not in there:
                    await store.put_new(point.name, point.document.encode() + b"\n")

    async def verify(self, given: Sequence[str] = ()) -> AuditReport:
        """Verify the chain against every checkpoint kept here, outside, and given by a person."""
        async with self._database.transaction() as tx:
            here = list((await tx.scalars(select(CheckpointRow.document).order_by(CheckpointRow.seq))).all())
        outside = [document for store in self._stores for document in await _documents(store)]
        points: dict[int, str] = {}
        missing = None
        for document in (*here, *outside, *given):
            point = self.read(document)
            if point is None or points.setdefault(point.seq, point.hash) != point.hash:
                report = await self._audit.verify(past=self._archive)
                return _with(report, AuditFault.CHECKPOINT_FORGED, point.seq if point else report.checked)
            if document.strip() not in here and document not in given:
                missing = point.seq
        report = await self._audit.verify(points, past=self._archive)
        if report.is_intact and (missing is not None or not _is_linked(here)):
            return _with(report, AuditFault.CHECKPOINT_MISSING, missing or report.checked)
        return report

    def read(self, document: str) -> Checkpoint | None:
        """Answer the checkpoint a line holds; None unless one of our keys signed exactly this."""
        document = document.strip()
        told = self._signer.read(document)
        if told is None or set(told) != _FIELDS:
            return None
        return Checkpoint(seq=told["seq"], hash=told["head"], previous=told["previous"], document=document)

    async def latest(self) -> tuple[Checkpoint, datetime] | None:
        """Answer the newest checkpoint and when it was made."""
        async with self._database.transaction() as tx:
            row = (await tx.scalars(select(CheckpointRow).order_by(CheckpointRow.seq.desc()).limit(1))).one_or_none()
        return None if row is None else (_point(row.document), row.made_at)

    async def _signed(self, tx: Transaction, seq: int, digest: str, last: Checkpoint | None) -> Checkpoint:
        times = select(func.min(AuditRow.timestamp), func.max(AuditRow.timestamp))
        first, latest = (await tx.execute(times.where(AuditRow.seq > (last.seq if last else 0)))).one()
        told: dict[str, Any] = {
            "version": 1,
            "seq": seq,
            "head": digest,  # a field named hash would be dotted out as a secret
            "first": first,
            "last": latest,
            "made_at": self._clock.now(),
            "previous": last.digest if last else "",
        }
        document = self._signer.sign(told)
        return Checkpoint(seq=seq, hash=digest, previous=told["previous"], document=document)


def _is_linked(documents: Sequence[str]) -> bool:
    """Tell whether each checkpoint names the one before it."""
    points = [_point(document) for document in documents]
    digests = ["", *(point.digest for point in points)]
    return all(point.previous == digest for point, digest in zip(points, digests, strict=False))


def _with(report: AuditReport, fault: AuditFault, seq: int) -> AuditReport:
    """Answer the fault of a checkpoint, unless the chain itself is broken, which weighs more."""
    if not report.is_intact:
        return report
    return replace(report, broken_seq=seq, fault=fault)


def _point(document: str) -> Checkpoint:
    told = json.loads(document)
    return Checkpoint(seq=told["seq"], hash=told["head"], previous=told["previous"], document=document)


async def _documents(store: Files) -> list[str]:
    return [(await store.get(stored.key)).decode("utf-8", "replace").strip() for stored in await store.list(FOLDER)]


async def _last(tx: Transaction) -> Checkpoint | None:
    query = select(CheckpointRow.document).order_by(CheckpointRow.seq.desc()).limit(1)
    document = (await tx.scalars(query)).one_or_none()
    return None if document is None else _point(document)


async def _all(tx: Transaction) -> list[Checkpoint]:
    rows = await tx.scalars(select(CheckpointRow.document).order_by(CheckpointRow.seq))
    return [_point(document) for document in rows]
