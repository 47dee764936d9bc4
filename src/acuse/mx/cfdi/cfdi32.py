"""Reads a CFDI 3.2: lower-case attributes, and free text where later versions have catalogue keys.

What a later version would say by a key is told only where the words leave no doubt.
Source: Anexo 20 (CFDI 3.2, in use until November 2017), TimbreFiscalDigital 1.0.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.errors import BadCfdi
from acuse.mx.cfdi.header import SEAL_TAIL, CfdiHeader, read_complements
from acuse.mx.cfdi.names import CFD3, clark

_EFECTOS: Final = {"ingreso": "I", "egreso": "E", "traslado": "T"}
_KEY: Final = re.compile(r"\s*([0-9]{2})\b(?!\s*,)").match
_REGIMEN: Final = re.compile(r"\s*(6[0-9]{2})\b").match
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}").fullmatch
_PESOS: Final = ("PESO", "M.N", "M. N", "MXP", "MONEDA NACIONAL", "NACIONAL")
_DOLLARS: Final = ("DOLAR", "DÓLAR", "DLLS", "DLS", "USD")
_CURRENCY: Final = re.compile(r"[A-Z]{3}").fullmatch
_PLACE_CHARS: Final = 300
_CURRENCY_CHARS: Final = 13


def is_cfdi32(root: etree._Element) -> bool:
    """Tell whether a document already parsed is a CFDI 3.2."""
    return root.tag == clark(CFD3, "Comprobante") and root.get("version") == "3.2"


def header_of_32(root: etree._Element) -> CfdiHeader:
    """Read the header of a stamped CFDI 3.2. Raises NotStamped, BadCfdi."""
    children = {name: _children(root, name) for name in ("Emisor", "Receptor", "Impuestos", "Complemento")}
    if not children["Emisor"] or not children["Receptor"]:
        raise BadCfdi(attribute="Receptor" if children["Emisor"] else "Emisor")
    emisor, receptor = children["Emisor"][0], children["Receptor"][0]
    found = read_complements([each for complement in children["Complemento"] for each in complement])
    get = root.get
    sello = get("sello")
    if not sello:
        raise BadCfdi(attribute="sello")
    original = get("FolioFiscalOrig", "").strip()
    return CfdiHeader(
        uuid=values.uuid(found.timbre.get("UUID"), "UUID"),
        version="3.2",
        serie=values.text(get("serie"), "serie"),
        folio=values.text(get("folio"), "folio"),
        fecha=values.local_time(get("fecha"), "fecha"),
        fecha_timbrado=values.local_time(found.timbre.get("FechaTimbrado"), "FechaTimbrado"),
        efecto=_efecto(get("tipoDeComprobante")),
        emisor_rfc=values.rfc(emisor.get("rfc"), "Emisor.rfc"),
        emisor_nombre=values.text(emisor.get("nombre"), "Emisor.nombre"),
        emisor_regimen=_regimen(emisor),
        receptor_rfc=values.rfc(receptor.get("rfc"), "Receptor.rfc"),
        receptor_nombre=values.text(receptor.get("nombre"), "Receptor.nombre"),
        receptor_regimen=None,
        uso_cfdi=None,
        moneda=_currency(get("Moneda", "")),
        tipo_cambio=_rate(get("TipoCambio", "")),
        subtotal=values.amount(get("subTotal"), "subTotal"),
        descuento=values.optional_amount(get("descuento"), "descuento"),
        total=values.amount(get("total"), "total"),
        **_taxes(children["Impuestos"]),
        metodo_pago=_metodo(get("formaDePago", "")),
        forma_pago=_forma(get("metodoDePago", "")),
        lugar_expedicion=get("LugarExpedicion", "").strip()[:_PLACE_CHARS] or None,
        pagado_mxn=found.pagado_mxn,
        tipo_relacion=None,
        relacionados=(original.upper(),) if _UUID(original) else (),
        complementos=found.names,
        rfc_pac=None,
        no_certificado=values.certificate_number(get("noCertificado")),
        sello_final=values.seal_tail(sello, SEAL_TAIL),
        pagos=found.pagos,
        detalle=found.detalle,
    )


def _children(root: etree._Element, name: str) -> list[etree._Element]:
    return list(root.iterchildren(clark(CFD3, name)))


def _efecto(text: str | None) -> str:
    efecto = _EFECTOS.get((text or "").strip().lower())
    if efecto is None:
        raise BadCfdi(attribute="tipoDeComprobante")
    return efecto


def _taxes(nodes: list[etree._Element]) -> dict[str, Decimal | None]:
    """Read the document's own taxes, which 3.2 calls by name."""
    sums: dict[str, Decimal | None] = dict.fromkeys(
        ("trasladados", "retenidos", "iva_trasladado", "iva_retenido", "isr_retenido", "ieps_trasladado")
    )
    for node in nodes[:1]:
        sums["trasladados"] = values.optional_amount(node.get("totalImpuestosTrasladados"), "totalImpuestosTrasladados")
        sums["retenidos"] = values.optional_amount(node.get("totalImpuestosRetenidos"), "totalImpuestosRetenidos")
        for group in node:
            side = "retenido" if group.tag.endswith("}Retenciones") else "trasladado"
            for tax in group:
                name = f"{(tax.get('impuesto') or '').strip().lower()}_{side}"
                if name in sums:
                    sums[name] = (sums[name] or 0) + values.amount(tax.get("importe"), "Impuestos.importe")
    return sums


def _regimen(emisor: etree._Element) -> str | None:
    """Answer the key of the issuer's regime where the text begins with one."""
    for node in emisor.iterchildren(clark(CFD3, "RegimenFiscal")):
        if found := _REGIMEN(node.get("Regimen", "")):
            return found[1]
    return None


def _metodo(text: str) -> str | None:
    """Answer PUE or PPD for what 3.2 calls formaDePago."""
    said = text.upper()
    if "PARCIAL" in said:
        return "PPD"
    return "PUE" if "SOLA" in said or "UNA EXHIBICI" in said else None


def _forma(text: str) -> str | None:
    """Answer the key of c_FormaPago for what 3.2 calls metodoDePago, which held keys from July 2016 on."""
    found = _KEY(text)
    return found[1] if found else None


def _currency(text: str) -> str:
    """Answer a currency's code; pesos when none is named, the text itself when it is no known word."""
    said = text.strip().upper()
    if _CURRENCY(said) and said not in {"MXP", "DLS"}:
        return said
    if any(word in said for word in _DOLLARS):
        return "USD"
    if not said or said == "MN" or any(word in said for word in _PESOS):
        return "MXN"
    return said[:_CURRENCY_CHARS]


def _rate(text: str) -> Decimal | None:
    """Read the rate, which 3.2 leaves as free text."""
    try:
        return values.optional_amount(text.strip() or None, "TipoCambio")
    except BadCfdi:
        return None
