"""Reads a certificate of withholding (Retenciones e información de pagos) 2.0 or 1.0 for the index.

It has no serie, currency or method: its amounts are pesos, its kind (`CveRetenc`) and period stand in `detalle`.
Source: Anexo 20, estándar del CFDI que ampara retenciones e información de pagos, versions 2.0 (2022) and 1.0 (2014).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.errors import BadCfdi, NotACfdi
from acuse.mx.cfdi.header import SEAL_TAIL, CfdiHeader, json_of, read_complements
from acuse.mx.cfdi.names import RETENCIONES1, RETENCIONES2, clark

EFECTO: Final = "R"
FOREIGN_RFC: Final = "XEXX010101000"
_TAXES: Final = {"001": "isr", "01": "isr", "002": "iva", "02": "iva"}
_LOCAL_CHARS: Final = len("2026-01-31T12:00:00")


class _Names(NamedTuple):
    """How one version writes what both have."""

    namespace: str
    version: str
    certificate: str
    rfc_emisor: str
    rfc_receptor: str
    ejercicio: str
    operacion: str
    gravado: str
    exento: str
    retenido: str
    impuesto: str
    importe: str


_VERSIONS: Final = {
    clark(names.namespace, "Retenciones"): names
    for names in (
        _Names(
            RETENCIONES2, "2.0", "NoCertificado", "RfcE", "RfcR", "Ejercicio", "MontoTotOperacion", "MontoTotGrav",
            "MontoTotExent", "MontoTotRet", "ImpuestoRet", "MontoRet",
        ),
        _Names(
            RETENCIONES1, "1.0", "NumCert", "RFCEmisor", "RFCRecep", "Ejerc", "montoTotOperacion", "montoTotGrav",
            "montoTotExent", "montoTotRet", "Impuesto", "montoRet",
        ),
    )
}  # fmt: skip
ROOTS: Final = frozenset(_VERSIONS)


def header_of_retencion(root: etree._Element) -> CfdiHeader:
    """Read the header of a stamped certificate of withholding. Raises NotACfdi, NotStamped, BadCfdi."""
    names = _VERSIONS[root.tag]
    if root.get("Version") != names.version:
        raise NotACfdi(root=f"Retenciones {(root.get('Version') or '')[:10]}".strip())
    emisor, receptor, totales = (_child(root, names, name) for name in ("Emisor", "Receptor", "Totales"))
    complements = [each for node in root.iterchildren(clark(names.namespace, "Complemento")) for each in node]
    found = read_complements(complements)
    receptor_rfc, receptor_nombre = _receptor(receptor, names)
    get = root.get
    sello = get("Sello")
    if not sello:
        raise BadCfdi(attribute="Sello")
    related = root.find(clark(names.namespace, "CfdiRetenRelacionados"))
    total = values.amount(totales.get(names.operacion), names.operacion)
    iva, isr = _withheld(totales, names)
    return CfdiHeader(
        uuid=values.uuid(found.timbre.get("UUID"), "UUID"),
        version=names.version,
        serie=None,
        folio=values.text(get("FolioInt"), "FolioInt"),
        fecha=_moment(get("FechaExp")),
        fecha_timbrado=values.local_time(found.timbre.get("FechaTimbrado"), "FechaTimbrado"),
        efecto=EFECTO,
        emisor_rfc=values.rfc(emisor.get(names.rfc_emisor), "Emisor.RfcE"),
        emisor_nombre=values.text(emisor.get("NomDenRazSocE"), "Emisor.NomDenRazSocE"),
        emisor_regimen=values.code(emisor.get("RegimenFiscalE"), "Emisor.RegimenFiscalE"),
        receptor_rfc=receptor_rfc,
        receptor_nombre=receptor_nombre,
        receptor_regimen=None,
        uso_cfdi=None,
        moneda="MXN",
        tipo_cambio=None,
        subtotal=total,
        descuento=None,
        total=total,
        trasladados=None,
        retenidos=values.amount(totales.get(names.retenido), names.retenido),
        iva_trasladado=None,
        iva_retenido=iva,
        isr_retenido=isr,
        ieps_trasladado=None,
        metodo_pago=None,
        forma_pago=None,
        lugar_expedicion=values.text(get("LugarExpRetenc"), "LugarExpRetenc"),
        pagado_mxn=None,
        tipo_relacion=None if related is None else values.code(related.get("TipoRelacion"), "TipoRelacion"),
        relacionados=() if related is None else (values.uuid(related.get("UUID"), "CfdiRetenRelacionados.UUID"),),
        complementos=found.names,
        rfc_pac=values.code(found.timbre.get("RfcProvCertif"), "RfcProvCertif"),
        no_certificado=values.certificate_number(get(names.certificate)),
        sello_final=values.seal_tail(sello, SEAL_TAIL),
        detalle=json_of({"retencion": _facts(root, totales, names)}),
    )


def _child(root: etree._Element, names: _Names, name: str) -> etree._Element:
    found = root.find(clark(names.namespace, name))
    if found is None:
        raise BadCfdi(attribute=name)
    return found


def _receptor(node: etree._Element, names: _Names) -> tuple[str, str | None]:
    """Answer RFC and name; somebody abroad has the generic RFC for foreigners."""
    for each in node:
        nombre = values.text(each.get("NomDenRazSocR"), "Receptor.NomDenRazSocR")
        if each.tag.endswith("}Nacional"):
            return values.rfc(each.get(names.rfc_receptor), "Receptor.RfcR"), nombre
        if each.tag.endswith("}Extranjero"):
            return FOREIGN_RFC, nombre
    raise BadCfdi(attribute="Receptor")


def _withheld(totales: etree._Element, names: _Names) -> tuple[Decimal | None, Decimal | None]:
    """Answer the IVA and the ISR withheld."""
    sums: dict[str, Decimal] = {}
    for each in totales:
        kind = _TAXES.get(each.get(names.impuesto, "").strip())
        if kind is not None:
            sums[kind] = sums.get(kind, Decimal(0)) + values.amount(each.get(names.importe), names.importe)
    return sums.get("iva"), sums.get("isr")


def _facts(root: etree._Element, totales: etree._Element, names: _Names) -> dict[str, Any]:
    periodo = _child(root, names, "Periodo")
    return {
        "clave": values.code(root.get("CveRetenc"), "CveRetenc"),
        "mes_inicial": values.code(periodo.get("MesIni"), "MesIni"),
        "mes_final": values.code(periodo.get("MesFin"), "MesFin"),
        "ejercicio": values.code(periodo.get(names.ejercicio), names.ejercicio),
        "gravado": str(values.amount(totales.get(names.gravado), names.gravado)),
        "exento": str(values.amount(totales.get(names.exento), names.exento)),
    }


def _moment(text: str | None) -> datetime:
    """Read FechaExp; version 1.0 writes a zone behind it, which says only where the place of issue lies."""
    return values.local_time(None if text is None else text[:_LOCAL_CHARS], "FechaExp")
