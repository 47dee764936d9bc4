"""The merge statements, made once from the column lists that the readers write by.

Whatever comes first, XML or metadata, the row ends the same: the XML is right about the document, the metadata about
its state, and of two metadata the one told later.

Rows that came in look up the index by its key, in lateral queries fenced by `offset`: the planner knows nothing yet of
tables that have just grown, and left to itself it reads all of one for each row of the other.
"""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.index_rows import XML_COLUMNS
from acuse.mx.cfdi.metadata_rows import CANCELLED, METADATA_COLUMNS
from acuse.mx.cfdi.pago_rows import SIDE_COLUMNS

_TYPES: Final = {
    "uuid": "uuid",
    "fecha": "timestamp",
    "fecha_timbrado": "timestamp",
    "fecha_cancelacion": "timestamp",
    "relacionados": "uuid[]",
    "complementos": "text[]",
    "detalle": "jsonb",
    "xml_offset": "bigint",
    "xml_length": "integer",
    "xml_method": "smallint",
    "xml_size": "integer",
    "numero": "integer",
    "pago": "integer",
    "documento": "uuid",
    "parcialidad": "integer",
} | dict.fromkeys(
    (
        "total", "tipo_cambio", "subtotal", "descuento", "trasladados", "retenidos", "iva_trasladado", "iva_retenido",
        "isr_retenido", "ieps_trasladado", "pagado_mxn", "monto", "monto_mxn", "iva_trasladado_mxn", "iva_retenido_mxn",
        "isr_retenido_mxn", "equivalencia", "saldo_anterior", "pagado", "insoluto",
    ),
    "numeric",
)  # fmt: skip

_STATE: Final = ("estado", "fecha_cancelacion")
DOCUMENT_COLUMNS: Final = tuple(name for name in XML_COLUMNS if name != "uuid")
_TOLD_BY_METADATA: Final = (
    "direction", *(name for name in METADATA_COLUMNS if name not in {"uuid", "estatus", "fecha_cancelacion"}),
)  # fmt: skip

PARTY_JOIN: Final = """
    join contrapartes p on p.contribuyente_id = :c
     and p.rfc = case i.direction when 'E' then i.receptor_rfc else i.emisor_rfc end
     and p.nombre = coalesce(case i.direction when 'E' then i.receptor_nombre else i.emisor_nombre end, '')
"""


def _table(name: str, columns: tuple[str, ...]) -> str:
    described = ", ".join(f"{column} {_TYPES.get(column, 'text')}" for column in columns)
    return f"create temporary table {name} ({described}) on commit drop"


def _listed(columns: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(prefix + column for column in columns)


INCOMING_XML: Final = _table("incoming_xml", XML_COLUMNS)
INCOMING_SIDE: Final = {table: ("xml_offset", *columns) for table, columns in SIDE_COLUMNS.items()}
INCOMING_SIDE_TABLES: Final = tuple(_table(f"incoming_{table}", columns) for table, columns in INCOMING_SIDE.items())
INCOMING_METADATA: Final = _table("incoming_metadata", METADATA_COLUMNS)
INCOMING_TERCEROS: Final = _table("incoming_terceros", ("uuid", "tercero_rfc", "tercero_nombre"))

ADD_PARTY: Final = """
    insert into contrapartes (contribuyente_id, rfc, nombre, search)
    values (:c, :rfc, :nombre, array_to_tsvector(cast(:words as text[])))
    on conflict do nothing
"""

MERGE_XML: Final = f"""
    insert into cfdi (contribuyente_id, contraparte_id, xml_paquete_id, {_listed(XML_COLUMNS)})
    select distinct on (i.uuid) :c, p.id, :paquete, {_listed(XML_COLUMNS, "i.")}
    from incoming_xml i {PARTY_JOIN}
    order by i.uuid, i.xml_offset
    on conflict (contribuyente_id, uuid) do update
    set contraparte_id = excluded.contraparte_id, xml_paquete_id = excluded.xml_paquete_id,
        {", ".join(f"{column} = excluded.{column}" for column in DOCUMENT_COLUMNS)}
    where cfdi.xml_paquete_id is null
"""  # noqa: S608 - made of our own column names

MERGE_SIDE: Final = tuple(
    f"""
    insert into {table} (contribuyente_id, {_listed(columns)})
    select :c, {_listed(columns, "i.")}
    from incoming_{table} i
    cross join lateral (
        select from cfdi
        where cfdi.contribuyente_id = :c and cfdi.uuid = i.uuid
          and cfdi.xml_paquete_id = :paquete and cfdi.xml_offset = i.xml_offset
        offset 0) kept
    on conflict do nothing
    """  # noqa: S608 - made of our own column names
    for table, columns in SIDE_COLUMNS.items()
)
"""What stands beside a document goes in with the one XML of it that was kept."""

EMPTY_XML: Final = f"truncate incoming_xml, {', '.join(f'incoming_{table}' for table in SIDE_COLUMNS)}"

_TOLD: Final = f"""
    select {_listed(METADATA_COLUMNS)},
           case when issued then 'E' else 'R' end as direction,
           case estatus when '{CANCELLED}' then 'cancelado' else 'vigente' end as estado,
           coalesce(case when issued then receptor_rfc else emisor_rfc end, '') as contraparte_rfc,
           coalesce(case when issued then receptor_nombre else emisor_nombre end, '') as contraparte_nombre
    from incoming_metadata
    cross join lateral (select coalesce(emisor_rfc = :rfc, false) or cast(:direction as text) = 'E' as issued) side
"""  # noqa: S608 - made of our own column names

NEW_PARTIES: Final = f"""
    select distinct contraparte_rfc as rfc, contraparte_nombre as nombre
    from ({_TOLD}) i
    where not exists (
        select from contrapartes p
        where p.contribuyente_id = :c and p.rfc = i.contraparte_rfc and p.nombre = i.contraparte_nombre)
"""  # noqa: S608 - made of our own column names

# Written in the order of their dates: then all indexes but that of the UUIDs grow at a few places, not everywhere.
MERGE_METADATA: Final = f"""
    with merged as (
        insert into cfdi (contribuyente_id, contraparte_id, estado_as_of, {
    _listed((*_TOLD_BY_METADATA, *_STATE))
}, uuid)
        select :c, p.id, cast(:as_of as timestamptz), {_listed((*_TOLD_BY_METADATA, *_STATE), "i.")}, i.uuid
        from (select distinct on (uuid) * from ({_TOLD}) told order by uuid, estado, fecha_cancelacion) i
        join contrapartes p
          on p.contribuyente_id = :c and p.rfc = i.contraparte_rfc and p.nombre = i.contraparte_nombre
        order by i.fecha, i.uuid
        on conflict (contribuyente_id, uuid) do update
        set {", ".join(f"{column} = excluded.{column}" for column in _STATE)},
            estado_as_of = excluded.estado_as_of,
            contraparte_id = case when cfdi.xml_paquete_id is null
                             then excluded.contraparte_id else cfdi.contraparte_id end,
            {
    ", ".join(
        f"{column} = case when cfdi.xml_paquete_id is null then excluded.{column} else cfdi.{column} end"
        for column in _TOLD_BY_METADATA
    )
}
        where cfdi.estado_as_of is null
           or (excluded.estado_as_of, excluded.estado = 'cancelado') > (cfdi.estado_as_of, cfdi.estado = 'cancelado')
        returning (xmax = 0) as inserted
    )
    select count(*) filter (where inserted) from merged
"""  # noqa: S608 - made of our own column names

MERGE_TERCEROS: Final = """
    update cfdi set tercero_rfc = t.tercero_rfc, tercero_nombre = t.tercero_nombre
    from (
        select told.*, known.place
        from (select distinct on (uuid) * from incoming_terceros order by uuid, tercero_rfc) told
        cross join lateral (
            select ctid as place from cfdi where cfdi.contribuyente_id = :c and cfdi.uuid = told.uuid offset 0) known
    ) t
    where cfdi.ctid = t.place
      and (cfdi.tercero_rfc, cfdi.tercero_nombre) is distinct from (t.tercero_rfc, t.tercero_nombre)
"""
