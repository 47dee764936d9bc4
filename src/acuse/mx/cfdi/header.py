"""Reads of a CFDI what an index needs: one parse, one walk over the root's children.

Source: Anexo 20 (CFDI 4.0 and 3.3), TimbreFiscalDigital 1.1, complements as told in `pagos` and `detalle`.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi import detalle, values
from acuse.mx.cfdi.errors import BadCfdi, NotACfdi, NotStamped
from acuse.mx.cfdi.names import CFD3, CFD4, TFD, clark
from acuse.mx.cfdi.pagos import PAGOS, PagoLeido, read_pagos
from acuse.mx.cfdi.reader import parse_xml

_CHILDREN: Final = ("Emisor", "Receptor", "Impuestos", "Complemento", "CfdiRelacionados")
_VERSIONS: Final = {
    clark(namespace, "Comprobante"): (version, *(clark(namespace, name) for name in _CHILDREN))
    for namespace, version in ((CFD4, "4.0"), (CFD3, "3.3"))
}
_TIMBRE: Final = clark(TFD, "TimbreFiscalDigital")
_ISR, _IVA, _IEPS = "001", "002", "003"
SEAL_TAIL: Final = 8
_JSON: Final = json.JSONEncoder(ensure_ascii=False).encode


class CfdiHeader(NamedTuple):
    """What the index keeps of one CFDI. Amounts are exact; dates are local to the place of issue.

    An amount the document does not state is None, never 0. `pagado_mxn` is the money of a payment
    document, in pesos. `sello_final` is the last eight characters of the sello. `detalle` is JSON, of documents that
    bear a payroll, a waybill or a certificate of withholding.
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
    pagos: tuple[PagoLeido, ...] = ()
    detalle: str | None = None


class Complements(NamedTuple):
    """What the complements of a document say: its stamp, their names, and what the index keeps of them."""

    timbre: etree._Element
    names: tuple[str, ...]
    pagado_mxn: Decimal | None
    pagos: tuple[PagoLeido, ...]
    detalle: str | None


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
    timbre, names, pagado_mxn, pagos, detail = read_complements(complements)
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
        values.seal_tail(sello, SEAL_TAIL),
        pagos,
        detail,
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


def read_complements(complements: list[etree._Element]) -> Complements:
    """Find the stamp and read the complements the index knows. Raises NotStamped, BadCfdi."""
    timbre: etree._Element | None = None
    pagado: Decimal | None = None
    pagos: tuple[PagoLeido, ...] = ()
    names: list[str] = []
    facts: dict[str, Any] = {}
    for node in complements:
        tag = node.tag
        if tag == _TIMBRE:
            if timbre is not None:
                raise BadCfdi(attribute="TimbreFiscalDigital (dos)")
            timbre = node
            continue
        names.append(etree.QName(node).localname[:40])
        if tag in PAGOS:
            pagos, pagado = read_pagos(node)
        elif (read := detalle.READERS.get(tag)) is not None:
            facts |= read(node)
    if timbre is None:
        raise NotStamped
    return Complements(timbre, tuple(names), pagado, pagos, json_of(facts))


def json_of(facts: dict[str, Any]) -> str | None:
    """Write facts as JSON; None when there are none."""
    return _JSON(facts) if facts else None
