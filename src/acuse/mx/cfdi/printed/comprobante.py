"""The printed form of a CFDI 4.0, 3.3 or 3.2: parties, lines, taxes, totals, related documents.

The three versions differ in names only; what 3.2 says in free text stays as it says it.
Source: Anexo 20, CFDI 4.0, 3.3 and 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

from acuse.mx.cfdi.header import CfdiHeader
from acuse.mx.cfdi.printed import verification
from acuse.mx.cfdi.printed.complements import complement_sections, stamp_of
from acuse.mx.cfdi.printed.meanings import meaning
from acuse.mx.cfdi.printed.model import Column, Fact, Kind, Printed, Section, Table
from acuse.mx.cfdi.printed.wording import amount, attribute, fact, known, moment, quantity, table, tax

_TITLES: Final = {
    "I": "Factura",
    "E": "Nota de crédito",
    "T": "Traslado",
    "N": "Recibo de nómina",
    "P": "Recibo de pago",
}
_LINES: Final = (
    Column("Cantidad", Kind.AMOUNT, 4),
    Column("Unidad", weight=4),
    Column("Clave", Kind.CODE, 5),
    Column("Descripción", weight=11),
    Column("Valor unitario", Kind.AMOUNT, 6),
    Column("Descuento", Kind.AMOUNT, 6),
    Column("Impuestos", weight=8),
    Column("Importe", Kind.AMOUNT, 6),
)
_TAXES: Final = (Column("Impuesto", weight=4), Column("Base", Kind.AMOUNT, 3), Column("Importe", Kind.AMOUNT, 3))
_RELATED: Final = (Column("Folio fiscal", Kind.UUID, 5),)


def print_comprobante(root: etree._Element, header: CfdiHeader, most_rows: int) -> Printed:
    """Answer the printed form of a document already parsed and read for the index."""
    namespace = etree.QName(root).namespace or ""
    impuestos = root.find(f"{{{namespace}}}Impuestos")
    return Printed(
        title=_TITLES["N" if "Nomina" in header.complementos else header.efecto],
        number=" ".join(part for part in (header.serie, header.folio) if part),
        uuid=header.uuid,
        version=f"CFDI {header.version}",
        document=_document(root, header),
        parties=[_emisor(root, header, namespace), _receptor(root, header, namespace)],
        sections=[
            *_lines(root, namespace, most_rows),
            *_taxes(impuestos, most_rows),
            *_related(root, header, namespace, most_rows),
            *complement_sections(root, namespace, most_rows),
        ],
        totals=_totals(root, header, impuestos),
        stamp=stamp_of(root, header, namespace),
        verification=_address(root, header),
    )


def _address(root: etree._Element, header: CfdiHeader) -> str:
    parties = header.uuid, header.emisor_rfc, header.receptor_rfc, header.total
    if header.version == "3.2":
        return verification.of_cfdi32(*parties)
    return verification.of_cfdi(*parties, attribute(root, "Sello"))


def _document(root: etree._Element, header: CfdiHeader) -> Section:
    old = header.version == "3.2"
    forma, metodo = ("metodoDePago", "formaDePago") if old else ("FormaPago", "MetodoPago")
    key = attribute(root, forma)
    return Section(
        "Documento",
        known(
            (
                fact("Tipo", header.efecto, "tipo_comprobante"),
                fact("Serie", attribute(root, "Serie")),
                fact("Folio", attribute(root, "Folio")),
                fact("Fecha de emisión", moment(attribute(root, "Fecha"))),
                fact("Lugar de expedición", attribute(root, "LugarExpedicion")),
                fact("Método de pago", attribute(root, metodo), "" if old else "metodo_pago"),
                fact("Forma de pago", key, "forma_pago" if meaning("forma_pago", key) else ""),
                fact(
                    "Condiciones de pago", attribute(root, "CondicionesDePago") or attribute(root, "condicionesDePago")
                ),
                fact("Moneda", attribute(root, "Moneda")),
                fact("Tipo de cambio", quantity(attribute(root, "TipoCambio"))),
                fact("Exportación", attribute(root, "Exportacion"), "exportacion"),
                fact("Confirmación", attribute(root, "Confirmacion")),
                *_global(root),
            )
        ),
    )


def _global(root: etree._Element) -> Iterator[Fact]:
    """Tell the period of an invoice to the public."""
    for node in root.iterchildren("{*}InformacionGlobal"):
        yield fact("Factura global", attribute(node, "Periodicidad"), "periodicidad")
        yield fact("Meses", attribute(node, "Meses"), "meses")
        yield fact("Año", attribute(node, "Año"))


def _emisor(root: etree._Element, header: CfdiHeader, namespace: str) -> Section:
    node = root.find(f"{{{namespace}}}Emisor")
    assert node is not None
    regimes = [attribute(each, "Regimen") for each in node.iterchildren(f"{{{namespace}}}RegimenFiscal")]
    return Section(
        "Emisor",
        known(
            (
                fact("Nombre", header.emisor_nombre or ""),
                fact("RFC", header.emisor_rfc, kind=Kind.CODE),
                fact("Régimen fiscal", attribute(node, "RegimenFiscal"), "regimen_fiscal"),
                *(fact("Régimen fiscal", each) for each in regimes),
                fact("Factura por adquirente", attribute(node, "FacAtrAdquirente")),
            )
        ),
    )


def _receptor(root: etree._Element, header: CfdiHeader, namespace: str) -> Section:
    node = root.find(f"{{{namespace}}}Receptor")
    return Section(
        "Receptor",
        known(
            (
                fact("Nombre", header.receptor_nombre or ""),
                fact("RFC", header.receptor_rfc, kind=Kind.CODE),
                fact("Domicilio fiscal", attribute(node, "DomicilioFiscalReceptor")),
                fact("Régimen fiscal", attribute(node, "RegimenFiscalReceptor"), "regimen_fiscal"),
                fact("Uso del CFDI", attribute(node, "UsoCFDI"), "uso_cfdi"),
                fact("Residencia fiscal", attribute(node, "ResidenciaFiscal")),
                fact("Registro tributario", attribute(node, "NumRegIdTrib")),
            )
        ),
    )


def _lines(root: etree._Element, namespace: str, most: int) -> Iterator[Section]:
    nodes = root.findall(f"{{{namespace}}}Conceptos/{{{namespace}}}Concepto")
    if nodes:
        found = [_line(node, namespace) for node in nodes[:most]]
        shown = table(_LINES, found, most)
        yield Section("Conceptos", tables=[Table(shown.columns, shown.rows, left_out=len(nodes) - len(found))])


def _line(node: etree._Element, namespace: str) -> Sequence[str]:
    told = [attribute(node, "Descripcion")]
    told += [f"{label} {value}" for label, value in _beside(node, namespace) if value]
    unit, name = attribute(node, "ClaveUnidad"), attribute(node, "Unidad")
    return (
        quantity(attribute(node, "Cantidad")),
        f"{unit} · {name}" if unit and name else unit or name,
        attribute(node, "ClaveProdServ"),
        "\n".join(told),
        amount(attribute(node, "ValorUnitario"), places=6),
        amount(attribute(node, "Descuento")),
        "\n".join(_line_taxes(node, namespace)),
        amount(attribute(node, "Importe")),
    )


def _beside(node: etree._Element, namespace: str) -> Iterator[tuple[str, str]]:
    """Tell what else a line bears."""
    yield "No. de identificación:", attribute(node, "NoIdentificacion")
    objeto = attribute(node, "ObjetoImp")
    yield "Objeto de impuesto:", f"{objeto} · {meaning('objeto_imp', objeto)}" if objeto not in {"", "02"} else ""
    for each in node.iterchildren(f"{{{namespace}}}ACuentaTerceros"):
        yield "A cuenta de", f"{attribute(each, 'NombreACuentaTerceros')} {attribute(each, 'RfcACuentaTerceros')}"
    for each in node.iterchildren(f"{{{namespace}}}InformacionAduanera"):
        yield "Pedimento", attribute(each, "NumeroPedimento") or attribute(each, "Numero")
    for each in node.iterchildren(f"{{{namespace}}}CuentaPredial"):
        yield "Cuenta predial", attribute(each, "Numero")
    for each in node.iterchildren(f"{{{namespace}}}Parte"):
        yield "Parte:", f"{quantity(attribute(each, 'Cantidad'))} {attribute(each, 'Descripcion')}"


def _line_taxes(node: etree._Element, namespace: str) -> Iterator[str]:
    for each in node.findall(f"{{{namespace}}}Impuestos/*/*"):
        importe = amount(attribute(each, "Importe"))
        yield f"{tax(each)}: {importe}" if importe else tax(each)


def _taxes(impuestos: etree._Element | None, most: int) -> Iterator[Section]:
    if impuestos is None:
        return
    rows = [
        (
            tax(each),
            amount(attribute(each, "Base")),
            amount(attribute(each, "Importe")),
        )
        for group in impuestos
        for each in group
    ]
    if rows:
        yield Section("Impuestos", tables=[table(_TAXES, rows, most)])


def _related(root: etree._Element, header: CfdiHeader, namespace: str, most: int) -> Iterator[Section]:
    for node in root.iterchildren(f"{{{namespace}}}CfdiRelacionados"):
        rows = [(attribute(each, "UUID").upper(),) for each in node]
        yield Section(
            "CFDI relacionados",
            [fact("Relación", attribute(node, "TipoRelacion"), "tipo_relacion")],
            [table(_RELATED, rows, most)],
        )
    if header.version == "3.2" and header.relacionados:
        yield Section(
            "Parcialidad de otro CFDI",
            known(
                (
                    fact("Folio fiscal original", header.relacionados[0], kind=Kind.UUID),
                    fact("Serie y folio", f"{root.get('SerieFolioFiscalOrig', '')}".strip()),
                    fact("Fecha", moment(root.get("FechaFolioFiscalOrig", ""))),
                    fact("Monto", amount(root.get("MontoFolioFiscalOrig", ""))),
                )
            ),
        )


def _totals(root: etree._Element, header: CfdiHeader, impuestos: etree._Element | None) -> list[Fact]:
    facts = [
        fact("Subtotal", amount(attribute(root, "SubTotal")), kind=Kind.AMOUNT),
        fact("Descuento", amount(attribute(root, "Descuento")), kind=Kind.AMOUNT),
        fact("Impuestos trasladados", amount(attribute(impuestos, "TotalImpuestosTrasladados")), kind=Kind.AMOUNT),
        fact("Impuestos retenidos", amount(attribute(impuestos, "TotalImpuestosRetenidos")), kind=Kind.AMOUNT),
    ]
    total = fact("Total", f"{amount(attribute(root, 'Total'))} {header.moneda}", kind=Kind.AMOUNT)
    if header.efecto == "P":
        paid = "" if header.pagado_mxn is None else f"{header.pagado_mxn:,.2f} MXN"
        return [fact("Total pagado", paid, kind=Kind.AMOUNT)] if paid else [total]
    return [*known(facts), total]
