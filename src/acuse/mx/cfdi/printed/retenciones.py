"""The printed form of a certificate of withholding 2.0 or 1.0.

Source: Anexo 20, retenciones e información de pagos 2.0 and 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from acuse.mx.cfdi.header import CfdiHeader
from acuse.mx.cfdi.printed import verification
from acuse.mx.cfdi.printed.complements import complement_sections, stamp_of
from acuse.mx.cfdi.printed.meanings import meaning
from acuse.mx.cfdi.printed.model import Column, Kind, Printed, Section
from acuse.mx.cfdi.printed.wording import TAX_NAMES, amount, attribute, fact, known, moment, table

_TAXES: Final = (
    Column("Impuesto", weight=2),
    Column("Tipo de pago", weight=4),
    Column("Base", Kind.AMOUNT, 3),
    Column("Retenido", Kind.AMOUNT, 3),
)
_RELATED: Final = (Column("Folio fiscal", Kind.UUID, 5),)


def print_retencion(root: etree._Element, header: CfdiHeader, most_rows: int) -> Printed:
    """Answer the printed form of a document already parsed and read for the index."""
    namespace = etree.QName(root).namespace or ""
    totales = root.find(f"{{{namespace}}}Totales")
    return Printed(
        title="Constancia de retenciones",
        number=header.folio or "",
        uuid=header.uuid,
        version=f"Retenciones {header.version}",
        document=_document(root, namespace),
        parties=[_emisor(root, header, namespace), _receptor(root, header, namespace)],
        sections=[
            *_withheld(totales, most_rows),
            *_related(root, namespace, most_rows),
            *complement_sections(root, namespace, most_rows),
        ],
        totals=[
            fact(label, f"{amount(attribute(totales, name))} MXN", kind=Kind.AMOUNT)
            for label, name in (
                ("Total gravado", "MontoTotGrav"),
                ("Total exento", "MontoTotExent"),
                ("Total retenido", "MontoTotRet"),
                ("Total de la operación", "MontoTotOperacion"),
            )
        ],
        stamp=stamp_of(root, header, namespace),
        verification=_address(root, header, namespace),
    )


def _document(root: etree._Element, namespace: str) -> Section:
    periodo = root.find(f"{{{namespace}}}Periodo")
    first, last = (_month(attribute(periodo, name)) for name in ("MesIni", "MesFin"))
    year = attribute(periodo, "Ejercicio") or attribute(periodo, "Ejerc")
    return Section(
        "Documento",
        known(
            (
                fact("Retención", attribute(root, "CveRetenc"), "cve_retenc"),
                fact("Descripción", attribute(root, "DescRetenc")),
                fact("Periodo", f"{first} de {year}" if first == last else f"{first} a {last} de {year}"),
                fact("Folio interno", attribute(root, "FolioInt")),
                fact("Fecha de expedición", moment(attribute(root, "FechaExp"))),
                fact("Lugar de expedición", attribute(root, "LugarExpRetenc")),
            )
        ),
    )


def _month(text: str) -> str:
    """Answer a month by name; version 1.0 writes it without the zero."""
    return meaning("meses", text.zfill(2)).lower() or text


def _emisor(root: etree._Element, header: CfdiHeader, namespace: str) -> Section:
    node = root.find(f"{{{namespace}}}Emisor")
    return Section(
        "Emisor",
        known(
            (
                fact("Nombre", header.emisor_nombre or ""),
                fact("RFC", header.emisor_rfc, kind=Kind.CODE),
                fact("Régimen fiscal", attribute(node, "RegimenFiscalE"), "regimen_fiscal"),
                fact("CURP", attribute(node, "CURPE"), kind=Kind.CODE),
            )
        ),
    )


def _receptor(root: etree._Element, header: CfdiHeader, namespace: str) -> Section:
    node = root.find(f"{{{namespace}}}Receptor")
    inner = None if node is None else next(iter(node), None)
    foreign = _foreign_id(inner)
    return Section(
        "Receptor",
        known(
            (
                fact("Nombre", header.receptor_nombre or ""),
                fact("RFC", "" if _is_foreign(inner) else header.receptor_rfc, kind=Kind.CODE),
                fact("Nacionalidad", attribute(node, "NacionalidadR") or attribute(node, "Nacionalidad")),
                fact("Registro tributario", foreign, kind=Kind.CODE),
                fact("CURP", attribute(inner, "CurpR") or attribute(inner, "CURPR"), kind=Kind.CODE),
                fact("Domicilio fiscal", attribute(inner, "DomicilioFiscalR")),
            )
        ),
    )


def _is_foreign(inner: etree._Element | None) -> bool:
    return inner is not None and inner.tag.endswith("}Extranjero")


def _foreign_id(inner: etree._Element | None) -> str:
    return attribute(inner, "NumRegIdTribR") or attribute(inner, "NumRegIdTrib") if _is_foreign(inner) else ""


def _withheld(totales: etree._Element | None, most: int) -> Iterator[Section]:
    rows = []
    for each in () if totales is None else totales:
        kind = attribute(each, "ImpuestoRet") or attribute(each, "Impuesto").zfill(3)
        paid = attribute(each, "TipoPagoRet")
        rows.append(
            (
                TAX_NAMES.get(kind, kind),
                meaning("tipo_pago_ret", paid) or paid,
                amount(attribute(each, "BaseRet")),
                amount(attribute(each, "MontoRet")),
            )
        )
    if rows:
        yield Section("Impuestos retenidos", tables=[table(_TAXES, rows, most)])


def _related(root: etree._Element, namespace: str, most: int) -> Iterator[Section]:
    for node in root.iterchildren(f"{{{namespace}}}CfdiRetenRelacionados"):
        yield Section(
            "Documento relacionado",
            [fact("Relación", attribute(node, "TipoRelacion"), "tipo_relacion")],
            [table(_RELATED, [(attribute(node, "UUID").upper(),)], most)],
        )


def _address(root: etree._Element, header: CfdiHeader, namespace: str) -> str:
    node = root.find(f"{{{namespace}}}Receptor")
    inner = None if node is None else next(iter(node), None)
    foreign = _foreign_id(inner)
    receptor = ("", foreign) if _is_foreign(inner) else (header.receptor_rfc, "")
    if header.version == "1.0":
        return verification.of_retencion10(header.uuid, header.emisor_rfc, receptor, header.total)
    return verification.of_retencion(header.uuid, header.emisor_rfc, receptor, header.total, attribute(root, "Sello"))
