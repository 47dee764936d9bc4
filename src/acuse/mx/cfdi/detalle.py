"""Reads what the index keeps of complements that few documents bear: payroll and waybill. JSON, amounts as text.

Source: Complemento de nómina 1.2 and 1.1, Complemento Carta Porte 1.0 to 3.1 (SAT).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.names import CARTA_PORTE, NOMINA11, NOMINA12, clark

Reader = Callable[[Any], dict[str, Any]]
_TRANSPORT: Final = {
    "AutotransporteFederal": "autotransporte",
    "Autotransporte": "autotransporte",
    "TransporteMaritimo": "marítimo",
    "TransporteAereo": "aéreo",
    "TransporteFerroviario": "ferroviario",
}


def _nomina12(node: etree._Element) -> dict[str, Any]:
    withheld = None
    for child in node:
        if child.tag.endswith("}Deducciones"):
            withheld = _amount(child, "TotalImpuestosRetenidos")
    return {
        "nomina": _payroll(node)
        | _known(
            percepciones=_amount(node, "TotalPercepciones"),
            deducciones=_amount(node, "TotalDeducciones"),
            otros_pagos=_amount(node, "TotalOtrosPagos"),
            isr_retenido=withheld,
        )
    }


def _nomina11(node: etree._Element) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for child in node:
        for part in ("Percepciones", "Deducciones"):
            if child.tag.endswith(f"}}{part}"):
                taxed, free = (values.amount(child.get(name), name) for name in ("TotalGravado", "TotalExento"))
                sums[part.lower()] = str(taxed + free)
                if part == "Deducciones":
                    sums |= _known(isr_retenido=_isr11(child))
    return {"nomina": _payroll(node) | sums}


def _isr11(deducciones: etree._Element) -> str | None:
    """Sum the ISR of a payroll 1.1: the deductions of kind 002."""
    found = [each for each in deducciones if each.get("TipoDeduccion") == "002"]
    parts = [values.amount(each.get(name), name) for each in found for name in ("ImporteGravado", "ImporteExento")]
    return str(sum(parts, Decimal(0))) if parts else None


def _payroll(node: etree._Element) -> dict[str, Any]:
    return _known(
        tipo=values.code(node.get("TipoNomina"), "Nomina.TipoNomina"),
        fecha_pago=values.code(node.get("FechaPago"), "Nomina.FechaPago"),
        desde=values.code(node.get("FechaInicialPago"), "Nomina.FechaInicialPago"),
        hasta=values.code(node.get("FechaFinalPago"), "Nomina.FechaFinalPago"),
    )


def _carta_porte(node: etree._Element) -> dict[str, Any]:
    transport = [
        _TRANSPORT[name]
        for mercancias in node
        if mercancias.tag.endswith("}Mercancias")
        for child in mercancias
        if (name := etree.QName(child).localname) in _TRANSPORT
    ]
    return {
        "carta_porte": _known(
            version=values.code(node.get("Version"), "CartaPorte.Version"),
            id_ccp=values.text(node.get("IdCCP"), "CartaPorte.IdCCP"),
            internacional=node.get("TranspInternac") == "Sí",
            transporte=transport,
        )
    }


READERS: Final[dict[str, Reader]] = {
    clark(NOMINA12, "Nomina"): _nomina12,
    clark(NOMINA11, "Nomina"): _nomina11,
} | {clark(namespace, "CartaPorte"): _carta_porte for namespace in CARTA_PORTE}


def _amount(node: etree._Element, name: str) -> str | None:
    found = values.optional_amount(node.get(name), name)
    return None if found is None else str(found)


def _known(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
