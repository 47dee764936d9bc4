"""Reads of a CFDI what an index needs: one parse, one walk over the root's children.

Source: Anexo 20 (CFDI 4.0 and 3.3), TimbreFiscalDigital 1.1, Complemento para recepción de pagos 2.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.errors import BadCfdi, NotACfdi, NotStamped
from acuse.mx.cfdi.names import CFD3, CFD4, PAGOS10, PAGOS20, TFD, clark
from acuse.mx.cfdi.reader import parse_xml

_CHILDREN: Final = ("Emisor", "Receptor", "Impuestos", "Complemento", "CfdiRelacionados")
_VERSIONS: Final = {
    clark(namespace, "Comprobante"): (version, *(clark(namespace, name) for name in _CHILDREN))
    for namespace, version in ((CFD4, "4.0"), (CFD3, "3.3"))
}
_TIMBRE: Final = clark(TFD, "TimbreFiscalDigital")
_PAGOS20: Final = clark(PAGOS20, "Pagos")
_PAGOS10: Final = clark(PAGOS10, "Pagos")
_ISR, _IVA, _IEPS = "001", "002", "003"
_SEAL_TAIL: Final = 8


class CfdiHeader(NamedTuple):
    """What the index keeps of one CFDI. Amounts are exact; dates are local to the place of issue.

    An amount the document does not state is None, never 0. `pagado_mxn` is the money of a payment
    document, in pesos. `sello_final` is the last eight characters of the sello.
    """

    uuid: str
    version: str
    serie: str | None
    folio: str | None
    fecha: datetime
    fecha_timbrado: datetime
    efecto: str
    emisor_rfc: str
    emisor_nombre: str | None
    emisor_regimen: str | None
    receptor_rfc: str
    receptor_nombre: str | None
    receptor_regimen: str | None
    uso_cfdi: str | None
    moneda: str
    tipo_cambio: Decimal | None
    subtotal: Decimal
    descuento: Decimal | None
    total: Decimal
    trasladados: Decimal | None
    retenidos: Decimal | None
    iva_trasladado: Decimal | None
    iva_retenido: Decimal | None
    isr_retenido: Decimal | None
    ieps_trasladado: Decimal | None
    metodo_pago: str | None
    forma_pago: str | None
    lugar_expedicion: str | None
    pagado_mxn: Decimal | None
    tipo_relacion: str | None
    relacionados: tuple[str, ...]
    complementos: tuple[str, ...]
    rfc_pac: str | None
    no_certificado: str
    sello_final: str


class _Taxes(NamedTuple):
    """The document's own Impuestos node."""

    trasladados: Decimal | None = None
    retenidos: Decimal | None = None
    iva_trasladado: Decimal | None = None
    iva_retenido: Decimal | None = None
    isr_retenido: Decimal | None = None
    ieps_trasladado: Decimal | None = None


def read_header(xml: bytes) -> CfdiHeader:
    """Read the header of one stamped CFDI 4.0 or 3.3.

    Raises UnreadableXml, NotACfdi, NotStamped or BadCfdi (all CfdiError), never anything else.
    """
    return header_of(parse_xml(xml))


def header_of(root: etree._Element) -> CfdiHeader:
    """Read the header of a document already parsed; see `read_header`."""
    version, emisor_tag, receptor_tag, impuestos_tag, complemento_tag, relacionados_tag = _tags_of(root)
    emisor: etree._Element | None = None
    receptor: etree._Element | None = None
    taxes = _Taxes()
    complements: list[etree._Element] = []
    relacionados: list[str] = []
    tipo_relacion: str | None = None
    for child in root:
        tag = child.tag
        if tag == emisor_tag:
            emisor = child
        elif tag == receptor_tag:
            receptor = child
        elif tag == impuestos_tag:
            taxes = _read_taxes(child)
        elif tag == complemento_tag:
            complements.extend(child)
        elif tag == relacionados_tag:
            tipo_relacion = tipo_relacion or values.code(child.get("TipoRelacion"), "TipoRelacion")
            relacionados.extend(values.uuid(each.get("UUID"), "CfdiRelacionado") for each in child)
    if emisor is None or receptor is None:
        raise BadCfdi(attribute="Emisor" if emisor is None else "Receptor")
    timbre, pagado_mxn, names = _read_complements(complements)
    get = root.get
    sello = get("Sello")
    if not sello:
        raise BadCfdi(attribute="Sello")
    return CfdiHeader(
        values.uuid(timbre.get("UUID"), "UUID"),
        version,
        values.text(get("Serie"), "Serie"),
        values.text(get("Folio"), "Folio"),
        values.local_time(get("Fecha"), "Fecha"),
        values.local_time(timbre.get("FechaTimbrado"), "FechaTimbrado"),
        values.efecto(get("TipoDeComprobante")),
        values.rfc(emisor.get("Rfc"), "Emisor.Rfc"),
        values.text(emisor.get("Nombre"), "Emisor.Nombre"),
        values.code(emisor.get("RegimenFiscal"), "Emisor.RegimenFiscal"),
        values.rfc(receptor.get("Rfc"), "Receptor.Rfc"),
        values.text(receptor.get("Nombre"), "Receptor.Nombre"),
        values.code(receptor.get("RegimenFiscalReceptor"), "Receptor.RegimenFiscalReceptor"),
        values.code(receptor.get("UsoCFDI"), "Receptor.UsoCFDI"),
        values.currency(get("Moneda")),
        values.optional_amount(get("TipoCambio"), "TipoCambio"),
        values.amount(get("SubTotal"), "SubTotal"),
        values.optional_amount(get("Descuento"), "Descuento"),
        values.amount(get("Total"), "Total"),
        *taxes,
        values.code(get("MetodoPago"), "MetodoPago"),
        values.code(get("FormaPago"), "FormaPago"),
        values.text(get("LugarExpedicion"), "LugarExpedicion"),
        pagado_mxn,
        tipo_relacion,
        tuple(relacionados),
        names,
        values.code(timbre.get("RfcProvCertif"), "RfcProvCertif"),
        values.certificate_number(get("NoCertificado")),
        values.seal_tail(sello, _SEAL_TAIL),
    )


def _tags_of(root: etree._Element) -> tuple[str, ...]:
    """Answer the version of a document and the names of the children that matter."""
    known = _VERSIONS.get(root.tag)
    if known is None or root.get("Version") != known[0]:
        name = etree.QName(root).localname[:60]
        raise NotACfdi(root=f"{name} {(root.get('Version') or root.get('version') or '')[:10]}".strip())
    return known


def _read_taxes(node: etree._Element) -> _Taxes:
    iva = ieps = iva_retenido = isr_retenido = None
    for group in node:
        withheld = group.tag.endswith("}Retenciones")
        for tax in group:
            kind = tax.get("Impuesto")
            importe = values.optional_amount(tax.get("Importe"), "Impuestos.Importe")
            if importe is None:
                continue
            if withheld:
                if kind == _IVA:
                    iva_retenido = importe + (iva_retenido or 0)
                elif kind == _ISR:
                    isr_retenido = importe + (isr_retenido or 0)
            elif kind == _IVA:
                iva = importe + (iva or 0)
            elif kind == _IEPS:
                ieps = importe + (ieps or 0)
    return _Taxes(
        values.optional_amount(node.get("TotalImpuestosTrasladados"), "TotalImpuestosTrasladados"),
        values.optional_amount(node.get("TotalImpuestosRetenidos"), "TotalImpuestosRetenidos"),
        iva,
        iva_retenido,
        isr_retenido,
        ieps,
    )


def _read_complements(
    complements: list[etree._Element],
) -> tuple[etree._Element, Decimal | None, tuple[str, ...]]:
    """Find the stamp, the money of payments and the names of the other complements."""
    timbre: etree._Element | None = None
    pagado: Decimal | None = None
    names: list[str] = []
    for node in complements:
        tag = node.tag
        if tag == _TIMBRE:
            if timbre is not None:
                raise BadCfdi(attribute="TimbreFiscalDigital (dos)")
            timbre = node
            continue
        names.append(etree.QName(node).localname[:40])
        if tag == _PAGOS20:
            pagado = _paid_20(node)
        elif tag == _PAGOS10:
            pagado = sum(_paid_10(node), Decimal(0))
    if timbre is None:
        raise NotStamped
    return timbre, pagado, tuple(names)


def _paid_20(pagos: etree._Element) -> Decimal | None:
    for node in pagos:
        if node.tag.endswith("}Totales"):
            return values.amount(node.get("MontoTotalPagos"), "MontoTotalPagos")
    return None


def _paid_10(pagos: etree._Element) -> Iterator[Decimal]:
    """Payments 1.0 have no totals: each amount is turned into pesos by its own rate."""
    for pago in pagos:
        rate = values.optional_amount(pago.get("TipoCambioP"), "TipoCambioP")
        yield values.amount(pago.get("Monto"), "Pago.Monto") * (1 if rate is None else rate)
