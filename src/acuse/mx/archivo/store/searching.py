"""Finds CFDIs again: keyset pages, single documents, counts and sums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import eq, ge, le
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from acuse.kernel.database import Transaction
from acuse.mx.archivo.errors import BadSearch
from acuse.mx.archivo.model import (
    CfdiDetail,
    CfdiFilter,
    Direction,
    Efecto,
    EstadoCfdi,
    StoredCfdi,
    XmlLocation,
    uuid_range,
)
from acuse.mx.archivo.tables import LOCAL, CfdiRow, ContraparteRow, IndexedPaqueteRow
from acuse.mx.cfdi.search_key import search_words

Keys = tuple[datetime, UUID, int]

_LISTED: Final = (
    CfdiRow.contribuyente_id,
    CfdiRow.uuid,
    CfdiRow.direction,
    CfdiRow.fecha,
    CfdiRow.fecha_timbrado,
    CfdiRow.efecto,
    CfdiRow.estado,
    CfdiRow.fecha_cancelacion,
    CfdiRow.emisor_rfc,
    CfdiRow.emisor_nombre,
    CfdiRow.receptor_rfc,
    CfdiRow.receptor_nombre,
    CfdiRow.rfc_pac,
    CfdiRow.total,
    CfdiRow.moneda,
    CfdiRow.serie,
    CfdiRow.folio,
    CfdiRow.metodo_pago,
    CfdiRow.pagado_mxn,
    CfdiRow.xml_paquete_id,
)
_NAMES: Final = tuple(column.key for column in _LISTED)
# Looked up, since calling an enum costs several times as much, for every row of a list.
_DIRECTIONS: Final = {each.value: each for each in Direction}
_EFECTOS: Final = {each.value: each for each in Efecto}
_ESTADOS: Final = {None: None} | {each.value: each for each in EstadoCfdi}
_MOST_WORDS: Final = 8
_MOST_NAMED: Final = 100
# A series and a folio as documents print them: "A 1200282", "A-1200282", "A1200282".
_SERIES_AND_FOLIO: Final = re.compile(r"(?:(\S{1,25}?)[ -]+(\S{1,40}))|(?:([^\W\d_]{1,25})(\d{1,40}))").fullmatch
_HEX: Final = re.compile(r"[0-9A-Fa-f-]{8,36}").fullmatch
_IN_FORCE: Final = CfdiRow.estado.is_distinct_from(EstadoCfdi.CANCELADO.value)


class SearchStore:
    """The read side of the archive. `rfcs` maps the ids of the taxpayers to look at to their RFCs."""

    async def page(
        self, tx: Transaction, rfcs: Mapping[int, str], wanted: CfdiFilter, after: Keys | None, limit: int
    ) -> list[StoredCfdi]:
        """Answer CFDIs, newest first, beginning after a key.

        The newest of each taxpayer, and of each way a text can be found, are read from their own index, so that a page
        costs the same however many documents there are. One small statement after the other is quicker than all of
        them as one, which would be planned anew each time.
        """
        named = await self._named(tx, rfcs, wanted)
        parts = [
            part
            for each, rfc in rfcs.items()
            for part in self._of_one(each, rfc, wanted, after, limit, named.get(each))
        ]
        found = [_stored(row, rfcs) for part in parts for row in await tx.execute(part)]
        return found if len(parts) == 1 else sorted(_each_once(found), key=_place, reverse=True)[:limit]

    async def find(self, tx: Transaction, rfcs: Mapping[int, str], uuid: UUID) -> CfdiDetail | None:
        """Answer one CFDI with everything known of it; the one with XML if several taxpayers have it."""
        statement = (
            select(CfdiRow, IndexedPaqueteRow.paquete_key)
            .outerjoin(IndexedPaqueteRow, IndexedPaqueteRow.id == CfdiRow.xml_paquete_id)
            .where(CfdiRow.contribuyente_id.in_(list(rfcs)), CfdiRow.uuid == uuid)
            .order_by(CfdiRow.xml_paquete_id.is_(None), CfdiRow.contribuyente_id)
            .limit(1)
        )
        found = (await tx.execute(statement)).one_or_none()
        return None if found is None else _detail(found[0], found[1], rfcs)

    async def count(self, tx: Transaction, contribuyente_id: int, rfc: str, wanted: CfdiFilter) -> int:
        """Count what a filter finds of one taxpayer."""
        conditions = _conditions(contribuyente_id, rfc, wanted)
        statement = select(func.count()).where(CfdiRow.contribuyente_id == contribuyente_id, *conditions)
        return (await tx.execute(statement)).scalar_one()

    def matching(self, contribuyente_id: int, rfc: str, wanted: CfdiFilter) -> list[ColumnElement[bool]]:
        """Answer what a row of a taxpayer fulfils that a filter finds: for features that read other columns of it."""
        return [CfdiRow.contribuyente_id == contribuyente_id, *_conditions(contribuyente_id, rfc, wanted)]

    async def _named(self, tx: Transaction, rfcs: Mapping[int, str], wanted: CfdiFilter) -> Mapping[int, Sequence[int]]:
        """Answer each taxpayer's parties that a text names; nothing when there is no text, or they are very many.

        Only when it sees them can the planner tell a party of three documents from one of half of them.
        """
        if not _text(wanted) or not rfcs:
            return {}
        parties = (
            select(ContraparteRow.contribuyente_id, ContraparteRow.id)
            .where(ContraparteRow.contribuyente_id.in_(list(rfcs)), _is_named(_text(wanted)))
            .limit(_MOST_NAMED + 1)
        )
        found = (await tx.execute(parties)).all()
        if len(found) > _MOST_NAMED:
            return {}
        return {each: [party for owner, party in found if owner == each] for each in rfcs}

    def _of_one(
        self,
        contribuyente_id: int,
        rfc: str,
        wanted: CfdiFilter,
        after: Keys | None,
        limit: int,
        named: Sequence[int] | None,
    ) -> list[Select[*tuple[Any, ...]]]:
        """Ask for the newest of one taxpayer: once for each way a text can be found, which has its own index."""
        conditions = _textless(contribuyente_id, rfc, wanted)
        if after is not None:
            fecha, uuid, last_id = after
            here, bound = tuple_(CfdiRow.fecha, CfdiRow.uuid), tuple_(literal(fecha, LOCAL), literal(uuid))
            # Of two taxpayers that share a document the one with the higher id comes first.
            conditions.append(here <= bound if contribuyente_id < last_id else here < bound)
        newest = select(*_LISTED).where(CfdiRow.contribuyente_id == contribuyente_id)
        newest = newest.order_by(CfdiRow.fecha.desc(), CfdiRow.uuid.desc()).limit(limit)
        if not _text(wanted):
            return [newest.where(*conditions)]
        ways = _ways(contribuyente_id, wanted, named)
        if named and len(named) > 1 and _asks_only_when(wanted):
            found = _newest_of(named, conditions, limit)
            by_party = newest.join(found, found.c.uuid == CfdiRow.uuid)
            return [by_party, *(newest.where(*conditions, way) for way in ways[1:])]
        return [newest.where(*conditions, way) for way in ways]


def _asks_only_when(wanted: CfdiFilter) -> bool:
    """Tell whether nothing but a text and dates is asked for, which the index of parties knows by itself."""
    return replace(wanted, text=None, desde=None, hasta=None) == CfdiFilter()


def _newest_of(parties: Sequence[int], conditions: Sequence[ColumnElement[bool]], limit: int) -> Subquery:
    """Ask which are the newest of some parties: of each from the index alone, then of all.

    Left to itself the database reads the whole archive by date until enough documents of theirs have come by.
    """
    newest = select(CfdiRow.fecha, CfdiRow.uuid).where(CfdiRow.contraparte_id == ContraparteRow.id, *conditions)
    each = newest.order_by(CfdiRow.fecha.desc(), CfdiRow.uuid.desc()).limit(limit).lateral()
    every = select(each.c.uuid).select_from(ContraparteRow).join(each, true()).where(ContraparteRow.id.in_(parties))
    return every.order_by(each.c.fecha.desc(), each.c.uuid.desc()).limit(limit).subquery()


def _conditions(contribuyente_id: int, rfc: str, wanted: CfdiFilter) -> list[ColumnElement[bool]]:
    found = _textless(contribuyente_id, rfc, wanted)
    if ways := _ways(contribuyente_id, wanted):
        found.append(or_(*ways))
    return found


def _textless(contribuyente_id: int, rfc: str, wanted: CfdiFilter) -> list[ColumnElement[bool]]:
    found = _plain_conditions(wanted)
    if wanted.with_xml is not None:
        unknown = CfdiRow.xml_paquete_id.is_(None)
        found.append(~unknown if wanted.with_xml else unknown)
    if (uuids := wanted.uuid_range) is not None:
        found.append(CfdiRow.uuid.between(*uuids))
    for column, party in ((CfdiRow.emisor_rfc, wanted.emisor), (CfdiRow.receptor_rfc, wanted.receptor)):
        if party:
            found.append(column == party.upper())
            if party.upper() != rfc:
                found.append(CfdiRow.contraparte_id.in_(_parties(contribuyente_id, party.upper())))
    return found


def _plain_conditions(wanted: CfdiFilter) -> list[ColumnElement[bool]]:
    asked = (
        (CfdiRow.direction, eq, wanted.direction),
        (CfdiRow.efecto, eq, wanted.efecto),
        (CfdiRow.estado, eq, wanted.estado),
        (CfdiRow.fecha, ge, wanted.first_moment),
        (CfdiRow.fecha, le, wanted.last_moment),
        (CfdiRow.total, ge, wanted.total_min),
        (CfdiRow.total, le, wanted.total_max),
    )
    return [compare(column, value) for column, compare, value in asked if value is not None]


def _parties(contribuyente_id: int, rfc: str) -> Select[int]:
    return select(ContraparteRow.id).where(
        ContraparteRow.contribuyente_id == contribuyente_id, ContraparteRow.rfc == rfc
    )


def _text(wanted: CfdiFilter) -> str:
    return (wanted.text or "").strip()


def _ways(contribuyente_id: int, wanted: CfdiFilter, named: Sequence[int] | None = None) -> list[ColumnElement[bool]]:
    """Answer where a text is looked for; none without one.

    That is in names and RFCs, in folios alone and with their series, and in the beginnings of UUIDs.

    `named` are the parties it names, if they were asked for before; when there are some they are the first way.
    """
    text = _text(wanted)
    if not text:
        return []
    ways: list[ColumnElement[bool]] = []
    if named is None:
        parties = select(ContraparteRow.id).where(ContraparteRow.contribuyente_id == contribuyente_id, _is_named(text))
        ways.append(CfdiRow.contraparte_id.in_(parties))
    elif named:
        ways.append(CfdiRow.contraparte_id.in_(named))
    if len(text.split()) == 1:
        ways.append(CfdiRow.folio == text)
    if printed := _SERIES_AND_FOLIO(text):
        serie, folio = filter(None, printed.groups())
        ways.append((CfdiRow.folio == folio) & (func.upper(CfdiRow.serie) == serie.upper()))
    if _HEX(text):
        ways.append(CfdiRow.uuid.between(*uuid_range(text)))
    return ways


def _is_named(text: str) -> ColumnElement[bool]:
    words = search_words(text)
    if not words:
        raise BadSearch(problem="escribe palabras, un RFC o un folio.", fields={"texto": "Escribe palabras."})
    query = " & ".join(f"'{word}':*" for word in words[:_MOST_WORDS])
    return ContraparteRow.search.op("@@")(cast(query, TSQUERY))


def _place(found: StoredCfdi) -> tuple[datetime, UUID, int]:
    """Answer where a CFDI stands in the order of a page."""
    return found.fecha, found.uuid, found.contribuyente_id


def _each_once(found: Iterable[StoredCfdi]) -> Iterable[StoredCfdi]:
    """Answer each CFDI once, though a text may find it in more than one way."""
    return {(each.contribuyente_id, each.uuid): each for each in found}.values()


def _stored(row: Row[*tuple[Any, ...]], rfcs: Mapping[int, str]) -> StoredCfdi:
    # A frozen dataclass is made field by field, which is half the work of reading a page; here all are there at once.
    found = object.__new__(StoredCfdi)
    vars(found).update(_told(dict(zip(_NAMES, row, strict=True)), rfcs))
    return found


def _told(values: dict[str, Any], rfcs: Mapping[int, str]) -> dict[str, Any]:
    """Answer what the columns of a list hold in our own terms."""
    values["rfc"] = rfcs[values["contribuyente_id"]]
    values["direction"] = _DIRECTIONS[values["direction"]]
    values["efecto"] = _EFECTOS[values["efecto"]]
    values["estado"] = _ESTADOS[values["estado"]]
    values["has_xml"] = values.pop("xml_paquete_id") is not None
    return values


def _detail(row: CfdiRow, paquete_key: str | None, rfcs: Mapping[int, str]) -> CfdiDetail:
    location = None
    if paquete_key is not None:
        assert row.xml_offset is not None
        assert row.xml_length is not None
        assert row.xml_method is not None
        assert row.xml_size is not None
        location = XmlLocation(
            paquete_key=paquete_key,
            offset=row.xml_offset,
            length=row.xml_length,
            method=row.xml_method,
            size_bytes=row.xml_size,
        )
    return CfdiDetail(
        **_told({name: getattr(row, name) for name in _NAMES}, rfcs),
        version=row.version,
        emisor_regimen=row.emisor_regimen,
        receptor_regimen=row.receptor_regimen,
        uso_cfdi=row.uso_cfdi,
        tipo_cambio=row.tipo_cambio,
        subtotal=row.subtotal,
        descuento=row.descuento,
        trasladados=row.trasladados,
        retenidos=row.retenidos,
        iva_trasladado=row.iva_trasladado,
        iva_retenido=row.iva_retenido,
        isr_retenido=row.isr_retenido,
        ieps_trasladado=row.ieps_trasladado,
        forma_pago=row.forma_pago,
        lugar_expedicion=row.lugar_expedicion,
        tipo_relacion=row.tipo_relacion,
        relacionados=row.relacionados or (),
        complementos=row.complementos or (),
        no_certificado=row.no_certificado,
        sello_final=row.sello_final,
        detalle=row.detalle,
        tercero_rfc=row.tercero_rfc,
        tercero_nombre=row.tercero_nombre,
        xml=location,
    )
