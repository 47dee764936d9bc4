"""Writes a CFDI de Retenciones e información de pagos 2.0, not yet sealed.

Source: SAT, retencionpagov2.xsd; Anexo 20, sección II, guía de llenado.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from acuse.mx.cfdi.build_nodes import add, new_root, put
from acuse.mx.cfdi.draft import Retencion
from acuse.mx.cfdi.names import RETENCIONES2, RETENCIONES2_XSD


def build_retencion(draft: Retencion) -> etree._Element:
    """Write the document; `seal` adds what is missing."""
    root = new_root(RETENCIONES2, f"{RETENCIONES2} {RETENCIONES2_XSD}", tag="Retenciones", prefix="retenciones")
    put(
        root,
        Version="2.0",
        FolioInt=draft.folio,
        FechaExp=draft.fecha.isoformat(timespec="seconds"),
        LugarExpRetenc=draft.lugar_expedicion,
        CveRetenc=draft.clave,
        DescRetenc=draft.descripcion,
    )
    add(
        root,
        "Emisor",
        RfcE=draft.emisor.rfc,
        NomDenRazSocE=draft.emisor.nombre,
        RegimenFiscalE=draft.emisor.regimen,
    )
    _add_receiver(root, draft)
    add(
        root,
        "Periodo",
        MesIni=f"{draft.mes_inicial:02d}",
        MesFin=f"{draft.mes_final:02d}",
        Ejercicio=str(draft.ejercicio),
    )
    totals = add(
        root,
        "Totales",
        MontoTotOperacion=_money(draft.operacion),
        MontoTotGrav=_money(draft.gravado),
        MontoTotExent=_money(draft.exento),
        MontoTotRet=_money(draft.retenido),
    )
    add(
        totals,
        "ImpRetenidos",
        BaseRet=_money(draft.gravado),
        ImpuestoRet=draft.impuesto,
        MontoRet=_money(draft.retenido),
        TipoPagoRet="01" if draft.impuesto == "001" else "03",
    )
    return root


def _add_receiver(root: etree._Element, draft: Retencion) -> None:
    if draft.receptor_rfc is None:
        node = add(root, "Receptor", NacionalidadR="Extranjero")
        add(node, "Extranjero", NumRegIdTribR=draft.receptor_registro, NomDenRazSocR=draft.receptor_nombre)
        return
    add(
        add(root, "Receptor", NacionalidadR="Nacional"),
        "Nacional",
        RfcR=draft.receptor_rfc,
        NomDenRazSocR=draft.receptor_nombre,
        CurpR=draft.receptor_curp,
        DomicilioFiscalR=draft.receptor_domicilio,
    )


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
