"""The columns of an export: name in a CSV, caption in a workbook, and where each comes from."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Text, case, cast, func, literal

from acuse.kernel.csv import free_text
from acuse.mx.archivo.tables import CfdiRow

_MOMENT: Final = "YYYY-MM-DD HH24:MI:SS"


class Kind(Enum):
    """How a value is written."""

    TEXT = "text"
    CODE = "code"
    MOMENT = "moment"
    AMOUNT = "amount"
    RATE = "rate"


class Column(NamedTuple):
    """One column of an export."""

    name: str
    caption: str
    kind: Kind
    value: Any
    width: int = 12


def _listed(values: Any) -> ColumnElement[str]:
    return func.upper(func.array_to_string(values, " "))


COLUMNS: Final = (
    Column("uuid", "Folio fiscal", Kind.CODE, func.upper(cast(CfdiRow.uuid, Text)), 38),
    Column("tipo_comprobante", "Sentido", Kind.CODE, CfdiRow.direction, 9),
    Column("fecha", "Fecha de emisión", Kind.MOMENT, CfdiRow.fecha, 19),
    Column("fecha_certificacion", "Fecha de certificación", Kind.MOMENT, CfdiRow.fecha_timbrado, 19),
    Column("efecto", "Efecto", Kind.CODE, CfdiRow.efecto, 8),
    Column("estado", "Estado", Kind.CODE, CfdiRow.estado, 10),
    Column("fecha_cancelacion", "Fecha de cancelación", Kind.MOMENT, CfdiRow.fecha_cancelacion, 19),
    Column("rfc_emisor", "RFC emisor", Kind.CODE, CfdiRow.emisor_rfc, 15),
    Column("nombre_emisor", "Nombre emisor", Kind.TEXT, CfdiRow.emisor_nombre, 36),
    Column("rfc_receptor", "RFC receptor", Kind.CODE, CfdiRow.receptor_rfc, 15),
    Column("nombre_receptor", "Nombre receptor", Kind.TEXT, CfdiRow.receptor_nombre, 36),
    Column("rfc_pac", "RFC del PAC", Kind.TEXT, CfdiRow.rfc_pac, 15),
    Column("serie", "Serie", Kind.TEXT, CfdiRow.serie),
    Column("folio", "Folio", Kind.TEXT, CfdiRow.folio),
    Column("subtotal", "Subtotal", Kind.AMOUNT, CfdiRow.subtotal, 14),
    Column("descuento", "Descuento", Kind.AMOUNT, CfdiRow.descuento, 14),
    Column("trasladados", "Impuestos trasladados", Kind.AMOUNT, CfdiRow.trasladados, 14),
    Column("retenidos", "Impuestos retenidos", Kind.AMOUNT, CfdiRow.retenidos, 14),
    Column("iva_trasladado", "IVA trasladado", Kind.AMOUNT, CfdiRow.iva_trasladado, 14),
    Column("iva_retenido", "IVA retenido", Kind.AMOUNT, CfdiRow.iva_retenido, 14),
    Column("isr_retenido", "ISR retenido", Kind.AMOUNT, CfdiRow.isr_retenido, 14),
    Column("ieps_trasladado", "IEPS trasladado", Kind.AMOUNT, CfdiRow.ieps_trasladado, 14),
    Column("total", "Total", Kind.AMOUNT, CfdiRow.total, 14),
    Column("moneda", "Moneda", Kind.TEXT, CfdiRow.moneda, 9),
    Column("tipo_cambio", "Tipo de cambio", Kind.RATE, CfdiRow.tipo_cambio, 12),
    Column("pagado_mxn", "Pagado en pesos", Kind.AMOUNT, CfdiRow.pagado_mxn, 14),
    Column("metodo_pago", "Método de pago", Kind.TEXT, CfdiRow.metodo_pago),
    Column("forma_pago", "Forma de pago", Kind.TEXT, CfdiRow.forma_pago),
    Column("uso_cfdi", "Uso del CFDI", Kind.TEXT, CfdiRow.uso_cfdi),
    Column("regimen_emisor", "Régimen emisor", Kind.TEXT, CfdiRow.emisor_regimen),
    Column("regimen_receptor", "Régimen receptor", Kind.TEXT, CfdiRow.receptor_regimen),
    Column("lugar_expedicion", "Lugar de expedición", Kind.TEXT, CfdiRow.lugar_expedicion),
    Column("tipo_relacion", "Tipo de relación", Kind.TEXT, CfdiRow.tipo_relacion),
    Column("relacionados", "CFDI relacionados", Kind.CODE, _listed(CfdiRow.relacionados), 38),
    Column("complementos", "Complementos", Kind.TEXT, func.array_to_string(CfdiRow.complementos, " "), 18),
    Column("version", "Versión", Kind.TEXT, CfdiRow.version),
    Column("rfc_tercero", "RFC a cuenta de terceros", Kind.TEXT, CfdiRow.tercero_rfc, 15),
    Column("nombre_tercero", "Nombre a cuenta de terceros", Kind.TEXT, CfdiRow.tercero_nombre, 30),
    Column("con_xml", "Con XML", Kind.CODE, case((CfdiRow.xml_paquete_id.is_(None), "no"), else_="si"), 9),
)


def cells(rfc: str) -> list[Any]:
    """Answer the values of a taxpayer's row as they are, its RFC first."""
    return [literal(rfc).label("rfc"), *(each.value.label(each.name) for each in COLUMNS)]


def csv_cells(rfc: str) -> list[Any]:
    """Answer the values of a taxpayer's row as text of a CSV, harmless in a spreadsheet."""
    return [literal(rfc).label("rfc"), *(_as_text(each).label(each.name) for each in COLUMNS)]


def _as_text(column: Column) -> ColumnElement[str]:
    if column.kind is Kind.TEXT:
        return free_text(column.value)
    if column.kind is Kind.MOMENT:
        return func.to_char(column.value, _MOMENT)
    return cast(column.value, Text)
