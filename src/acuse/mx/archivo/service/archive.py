"""The archive's face: index packages; search, read and sum up what the caller may see."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from acuse.kernel.clock import Clock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.paging import Cursor, Page, check_limit, page_of, row_number
from acuse.mx.archivo.errors import BadSearch, CfdiNotFound, XmlNotStored
from acuse.mx.archivo.model import (
    CfdiDetail,
    CfdiFilter,
    Counts,
    Direction,
    Efecto,
    EstadoCfdi,
    FoundBy,
    IngestReport,
    MonthSummary,
    StoredCfdi,
    StoredXml,
)
from acuse.mx.archivo.service.indexing import Indexer
from acuse.mx.archivo.service.telling import Telling
from acuse.mx.archivo.store import IndexStore, MarkingStore, MonthsStore, SearchStore
from acuse.mx.cfdi.errors import MemberUnreadable
from acuse.mx.cfdi.index_rows import Taxpayer
from acuse.mx.cfdi.paquete import inflate
from acuse.mx.contribuyentes import Contribuyente, ContribuyentesService
from acuse.mx.contribuyentes.model import AccessLevel, Caller


class ArchivoService:
    """The stored CFDIs of the taxpayers we serve. A caller sees those of the taxpayers it has access to."""

    def __init__(
        self,
        *,
        database: Database,
        contribuyentes: ContribuyentesService,
        files: Files,
        cpu: CpuPool,
        events: Events,
        clock: Clock,
    ) -> None:
        self._database = database
        self._contribuyentes = contribuyentes
        self._files = files
        self._clock = clock
        self._index = IndexStore()
        self._search = SearchStore()
        self._months = MonthsStore()
        self._marking = MarkingStore()
        self._telling = Telling(events, clock)
        self._indexer = Indexer(
            database=database, store=self._index, files=files, cpu=cpu, telling=self._telling, clock=clock
        )

    async def ingest_xml_package(
        self, contribuyente_id: int, paquete_key: str, direction: Direction | str
    ) -> IngestReport:
        """Index the documents of a stored package. Done before, it answers the report of then and does nothing.

        Documents that cannot be read are counted and told in the report. Raises PaqueteError when the package itself
        cannot be opened, FileMissing when it is not stored.
        """
        found = await self._contribuyentes.get(contribuyente_id)
        return await self._indexer.index_xml(contribuyente_id, str(found.rfc), paquete_key, Direction(direction))

    async def ingest_metadata_package(
        self,
        contribuyente_id: int,
        paquete_key: str,
        direction: Direction | str,
        *,
        as_of: datetime | None = None,
        tell: bool = True,
        retenciones: bool = False,
    ) -> IngestReport:
        """Index the rows of a stored metadata package, as the SAT told them at `as_of` (now, when not known).

        In the Retenciones family (`retenciones`) every row is a certificate of withholding.
        A state told later holds, in whatever order packages are indexed. What it shows to be cancelled is noted, and
        people are told unless the caller does so (`tell` False). Errors as `ingest_xml_package`.
        """
        found = await self._contribuyentes.get(contribuyente_id)
        instant = as_of or self._clock.now()
        taxpayer = Taxpayer(str(found.rfc), Direction(direction).value, Efecto.RETENCION.value if retenciones else "")
        return await self._indexer.index_metadata(contribuyente_id, taxpayer, paquete_key, instant, tell=tell)

    @property
    def indexer(self) -> Indexer:
        """Answer who reads packages into the index."""
        return self._indexer

    async def search(
        self,
        caller: Caller,
        wanted: CfdiFilter | None = None,
        *,
        rfc: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[StoredCfdi]:
        """Answer a page of CFDIs, newest first, of one taxpayer or of all the caller may see.

        Raises BadSearch, BadCursor, BadLimit; InvalidRfc or ContribuyenteNotFound for a taxpayer out of sight.
        """
        size = check_limit(limit)
        after = Cursor.decode(cursor, datetime.fromisoformat, UUID, row_number) if cursor else None
        async with self._database.transaction() as tx:
            rfcs = await self._visible(tx, caller, rfc)
            rows = await self._search.page(tx, rfcs, wanted or CfdiFilter(), after, size + 1)
        return page_of(rows, size, lambda row: (row.fecha.isoformat(), str(row.uuid), row.contribuyente_id))

    async def get(self, caller: Caller, uuid: UUID | str, *, rfc: str | None = None) -> CfdiDetail:
        """Answer all that is known of one CFDI. Raises CfdiNotFound, also for what the caller may not see."""
        wanted = _uuid(uuid)
        async with self._database.transaction() as tx:
            rfcs = await self._visible(tx, caller, rfc)
            found = await self._search.find(tx, rfcs, wanted)
        if found is None:
            raise CfdiNotFound(uuid=str(wanted).upper())
        return found

    async def xml(self, caller: Caller, uuid: UUID | str, *, rfc: str | None = None) -> StoredXml:
        """Answer the XML of one CFDI, byte for byte, by one read out of its package.

        What is read must be of the size it had and name its folio fiscal: a package that was changed since is told.
        Raises CfdiNotFound, XmlNotStored, MemberUnreadable.
        """
        found = await self.get(caller, uuid, rfc=rfc)
        where = found.xml
        if where is None:
            raise XmlNotStored(uuid=found.folio_fiscal)
        data = await self._files.get_range(where.paquete_key, where.offset, where.length)
        content = await asyncio.to_thread(inflate, data, method=where.method, size_bytes=where.size_bytes)
        if not _names(content, found.folio_fiscal):
            raise MemberUnreadable(problem="ya no es el documento que se indexó")
        return StoredXml(found.uuid, found.rfc, content)

    async def mark(
        self,
        tx: Transaction,
        contribuyente_id: int,
        uuid: UUID,
        estado: EstadoCfdi,
        *,
        as_of: datetime,
        found_by: FoundBy,
    ) -> bool:
        """Write a state the SAT told at `as_of` in the caller's transaction; answer whether it is another than before.

        The rule is the metadata's: a state told later holds, in whatever order they arrive. A cancellation that is
        news is noted and told.
        """
        changed = await self._marking.mark(tx, contribuyente_id, uuid, estado, as_of)
        if changed and estado is EstadoCfdi.CANCELADO:
            await self._telling.of_one(tx, contribuyente_id, uuid, found_by)
        return changed

    async def count(self, caller: Caller, wanted: CfdiFilter, *, rfc: str | None = None) -> int:
        """Count the CFDIs of a filter, of one taxpayer or of all the caller may see. Raises as `search`."""
        async with self._database.transaction() as tx:
            rfcs = await self._visible(tx, caller, rfc)
            return sum([await self._search.count(tx, each, name, wanted) for each, name in rfcs.items()])

    async def counts(self, caller: Caller, *, rfc: str | None = None) -> Counts:
        """Count what the archive holds for the caller."""
        async with self._database.transaction() as tx:
            rfcs = await self._visible(tx, caller, rfc)
            return await self._months.counts(tx, list(rfcs))

    async def summary(self, caller: Caller, *, rfc: str | None = None, year: int | None = None) -> list[MonthSummary]:
        """Sum up a year by month and direction; without a year, that of the newest document."""
        async with self._database.transaction() as tx:
            rfcs = await self._visible(tx, caller, rfc)
            return await self._months.summary(tx, list(rfcs), year)

    async def taxpayer(self, caller: Caller, rfc: str) -> Contribuyente:
        """Answer one of them, however its RFC is written. Raises InvalidRfc, ContribuyenteNotFound."""
        return await self._contribuyentes.require_access(caller, rfc)

    async def taxpayers(self, caller: Caller) -> list[Contribuyente]:
        """Answer the taxpayers whose CFDIs the caller may see."""
        return await self._contribuyentes.visible_to(caller)

    async def _visible(self, tx: Transaction, caller: Caller, rfc: str | None) -> Mapping[int, str]:
        if rfc:
            found = [await self._contribuyentes.require(tx, caller, rfc, AccessLevel.LECTURA)]
        else:
            found = await self._contribuyentes.visible(tx, caller)
        return {each.id: str(each.rfc) for each in found}


def _names(content: bytes, folio_fiscal: str) -> bool:
    """Tell whether a document names its folio fiscal, in letters of one byte or of two."""
    said = content.upper()
    return (
        folio_fiscal.encode() in said
        or folio_fiscal.encode("utf-16-le") in said
        or folio_fiscal.encode("utf-16-be") in said
    )


def _uuid(value: UUID | str) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except ValueError as error:
        raise BadSearch(
            problem="el folio fiscal lleva 32 dígitos hexadecimales.", fields={"uuid": "No es un folio fiscal."}
        ) from error
