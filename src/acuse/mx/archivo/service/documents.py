"""Shows one stored document: in print, as PDF, with the documents it names and the payments that pay it."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.mx.archivo.model import CfdiDetail, EstadoCfdi, ReadableCfdi, StoredPdf
from acuse.mx.archivo.service.archive import ArchivoService
from acuse.mx.archivo.store import BetweenStore
from acuse.mx.cfdi.markup import Line, outline
from acuse.mx.cfdi.printed import Printed, Standing, print_document
from acuse.mx.cfdi.printed.pdf import pdf_of
from acuse.mx.contribuyentes.model import Caller

_UUID: Final = re.compile(r"[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}", re.IGNORECASE).fullmatch
_ROWS_OF_A_PAGE: Final = 200
_LINES_OF_A_PAGE: Final = 600


class DocumentosService:
    """What people read of one CFDI. Parsing and setting happen in the process pool."""

    def __init__(self, *, archive: ArchivoService, database: Database, cpu: CpuPool) -> None:
        self._archive = archive
        self._database = database
        self._cpu = cpu
        self._between = BetweenStore()

    async def read(self, caller: Caller, uuid: UUID | str, *, rfc: str | None = None) -> ReadableCfdi:
        """Answer a CFDI for its page; `printed` and `lines` are empty while its XML is not here.

        Raises CfdiNotFound, MemberUnreadable.
        """
        found = await self._archive.get(caller, uuid, rfc=rfc)
        printed: Printed | None = None
        lines: list[Line] = []
        if found.xml is not None:
            xml = (await self._archive.xml(caller, found.uuid, rfc=found.rfc)).content
            printed = await self._cpu.run(print_document, xml, _ROWS_OF_A_PAGE)
            lines = await self._cpu.run(outline, xml, _LINES_OF_A_PAGE)
        named = {UUID(each) for each in (printed.named() if printed else ()) if _UUID(each)}
        async with self._database.transaction() as tx:
            known = await self._between.known(tx, found.contribuyente_id, named | set(found.relacionados))
            payments = await self._between.payments_of(tx, found.contribuyente_id, found.uuid)
        return ReadableCfdi(found=found, printed=printed, lines=lines, known=known, payments=payments)

    async def pdf(self, caller: Caller, uuid: UUID | str, *, rfc: str | None = None) -> StoredPdf:
        """Answer a CFDI as PDF, with what the SAT says of it now.

        Raises CfdiNotFound, XmlNotStored, MemberUnreadable.
        """
        found = await self._archive.get(caller, uuid, rfc=rfc)
        xml = await self._archive.xml(caller, found.uuid, rfc=found.rfc)
        return StoredPdf(found.uuid, await self._cpu.run(pdf_of, xml.content, _standing(found)))


def _standing(found: CfdiDetail) -> Standing:
    cancelled = found.estado is EstadoCfdi.CANCELADO
    return Standing(
        cancelled=cancelled,
        cancelled_at=found.fecha_cancelacion if cancelled else None,
        known=found.estado is not None,
    )
