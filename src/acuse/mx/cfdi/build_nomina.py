"""Writes a payroll receipt (CFDI 4.0 of type N with the complement Nómina 1.2), not yet sealed.

Source: Anexo 20, Complemento de nómina 1.2 (revisión E), guía de llenado.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lxml import etree

from acuse.mx.cfdi.build import add_parties
from acuse.mx.cfdi.build_nodes import add, add_complement, new_root, put, put_head
from acuse.mx.cfdi.draft import Nomina
from acuse.mx.cfdi.names import CFD4, CFD4_XSD, NOMINA12, NOMINA12_XSD

_WEEK: Final = 7


def total_of(draft: Nomina) -> Decimal:
    """Answer what the employee is paid."""
    return draft.sueldo + draft.exento - draft.isr - draft.seguro


def build_nomina(draft: Nomina) -> etree._Element:
    """Write the receipt; `seal` adds what is missing."""
    root = new_root(CFD4, f"{CFD4} {CFD4_XSD} {NOMINA12} {NOMINA12_XSD}")
    put_payroll_head(root, "4.0", draft)
    add_parties(root, draft.emisor, draft.trabajador.receptor)
    add_payroll_line(root, draft, ObjetoImp="01")
    add_nomina(add(root, "Complemento"), draft)
    return root


def put_payroll_head(root: etree._Element, version: str, draft: Nomina, forma_pago: str | None = None) -> None:
    """Set the attributes of a payroll receipt."""
    put_head(
        root,
        version,
        draft,
        efecto="N",
        forma_pago=forma_pago,
        subtotal=_money(draft.sueldo + draft.exento),
        descuento=_money(draft.isr + draft.seguro),
        total=_money(total_of(draft)),
        moneda="MXN",
        metodo_pago="PUE",
    )


def add_payroll_line(root: etree._Element, draft: Nomina, **more: str) -> None:
    """Append the one line of every payroll receipt; `more` is what the version of the document adds."""
    earned, withheld = draft.sueldo + draft.exento, draft.isr + draft.seguro
    add(
        add(root, "Conceptos"),
        "Concepto",
        ClaveProdServ="84111505",
        Cantidad="1",
        ClaveUnidad="ACT",
        Descripcion="Pago de nómina",
        ValorUnitario=_money(earned),
        Importe=_money(earned),
        Descuento=_money(withheld),
        **more,
    )


def add_nomina(complemento: etree._Element, draft: Nomina) -> None:
    """Append the complement to a document of any version."""
    earned, withheld = draft.sueldo + draft.exento, draft.isr + draft.seguro
    node = add_complement(complemento, NOMINA12, "nomina12", "Nomina")
    put(
        node,
        Version="1.2",
        TipoNomina="O",
        FechaPago=draft.hasta.isoformat(),
        FechaInicialPago=draft.desde.isoformat(),
        FechaFinalPago=draft.hasta.isoformat(),
        NumDiasPagados=f"{draft.dias}.000",
        TotalPercepciones=_money(earned),
        TotalDeducciones=_money(withheld),
        TotalOtrosPagos="0.00",
    )
    add(node, "Emisor", RegistroPatronal=draft.registro_patronal)
    _add_employee(node, draft)
    _add_amounts(node, draft)


def _add_employee(nomina: etree._Element, draft: Nomina) -> None:
    employee = draft.trabajador
    node = add(
        nomina,
        "Receptor",
        Curp=employee.curp,
        NumSeguridadSocial=employee.seguro_social,
        FechaInicioRelLaboral=employee.desde.isoformat(),
    )
    node.set("Antigüedad", f"P{max((draft.hasta - employee.desde).days // _WEEK, 0)}W")
    put(
        node,
        TipoContrato="01",
        TipoJornada="01",
        TipoRegimen="02",
        NumEmpleado=employee.numero,
        Puesto=employee.puesto,
        RiesgoPuesto="1",
        PeriodicidadPago="04",
        SalarioBaseCotApor=_money(employee.salario_diario),
        SalarioDiarioIntegrado=_money(employee.salario_diario),
        ClaveEntFed=employee.estado,
    )


def _add_amounts(nomina: etree._Element, draft: Nomina) -> None:
    paid = add(
        nomina,
        "Percepciones",
        TotalSueldos=_money(draft.sueldo + draft.exento),
        TotalGravado=_money(draft.sueldo),
        TotalExento=_money(draft.exento),
    )
    for kind, key, text, taxed, exempt in (
        ("001", "P001", "Sueldos, salarios, rayas y jornales", draft.sueldo, Decimal(0)),
        ("029", "P029", "Vales de despensa", Decimal(0), draft.exento),
    ):
        if taxed or exempt:
            amounts = {"ImporteGravado": _money(taxed), "ImporteExento": _money(exempt)}
            add(paid, "Percepcion", TipoPercepcion=kind, Clave=key, Concepto=text, **amounts)
    taken = add(nomina, "Deducciones", TotalOtrasDeducciones=_money(draft.seguro))
    taken.set("TotalImpuestosRetenidos", _money(draft.isr))
    for kind, key, text, amount in (
        ("001", "D001", "Seguridad social", draft.seguro),
        ("002", "D002", "ISR", draft.isr),
    ):
        add(taken, "Deduccion", TipoDeduccion=kind, Clave=key, Concepto=text, Importe=_money(amount))
    other = add(
        add(nomina, "OtrosPagos"),
        "OtroPago",
        TipoOtroPago="002",
        Clave="O002",
        Concepto="Subsidio para el empleo",
        Importe="0.00",
    )
    add(other, "SubsidioAlEmpleo", SubsidioCausado="0.00")


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
