"""The printed form of Nómina 1.2 and 1.1: employee, period, earnings and deductions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lxml import etree

from acuse.mx.cfdi.printed.meanings import meaning
from acuse.mx.cfdi.printed.model import Column, Fact, Kind, Section
from acuse.mx.cfdi.printed.wording import amount, attribute, fact, known, table

_EARNED: Final = (
    Column("Tipo", weight=5),
    Column("Clave", Kind.CODE, 2),
    Column("Concepto", weight=5),
    Column("Gravado", Kind.AMOUNT, 3),
    Column("Exento", Kind.AMOUNT, 3),
)
_TAKEN: Final = (*_EARNED[:3], Column("Importe", Kind.AMOUNT, 3))


def print_nomina(node: etree._Element, most_rows: int) -> Iterator[Section]:
    """Answer the sections of a payroll."""
    children = {etree.QName(each).localname: each for each in node}
    receptor = children.get("Receptor", node)
    yield Section("Nómina", known((*_period(node), *_employee(receptor, children.get("Emisor", node)), *_sums(node))))
    lists = (
        ("Percepciones", "Percepcion", "tipo_percepcion"),
        ("Deducciones", "Deduccion", "tipo_deduccion"),
        ("OtrosPagos", "OtroPago", "tipo_otro_pago"),
    )
    for group, name, catalog in lists:
        rows = [_line(each, name, catalog) for each in children.get(group, ()) if etree.QName(each).localname == name]
        if rows:
            title = "Otros pagos" if group == "OtrosPagos" else group
            plain = all(not row[4] for row in rows)
            yield Section(
                title,
                tables=[table(_TAKEN if plain else _EARNED, [row[: 4 if plain else 5] for row in rows], most_rows)],
            )


def _line(node: etree._Element, name: str, catalog: str) -> tuple[str, ...]:
    key = attribute(node, f"Tipo{name}")
    said = meaning(catalog, key)
    first = attribute(node, "Importe") or attribute(node, "ImporteGravado")
    return (
        f"{key} · {said}" if said else key,
        attribute(node, "Clave"),
        attribute(node, "Concepto"),
        amount(first),
        amount(attribute(node, "ImporteExento")),
    )


def _period(node: etree._Element) -> Iterator[Fact]:
    yield fact("Tipo de nómina", attribute(node, "TipoNomina"), "tipo_nomina")
    yield fact("Fecha de pago", attribute(node, "FechaPago"))
    yield fact("Periodo", f"{attribute(node, 'FechaInicialPago')} a {attribute(node, 'FechaFinalPago')}")
    yield fact("Días pagados", attribute(node, "NumDiasPagados"))


def _employee(receptor: etree._Element, emisor: etree._Element) -> Iterator[Fact]:
    contract, regime = attribute(receptor, "TipoContrato"), attribute(receptor, "TipoRegimen")
    yield fact("Número de empleado", attribute(receptor, "NumEmpleado"), kind=Kind.CODE)
    yield fact("CURP", attribute(receptor, "Curp") or attribute(receptor, "CURP"), kind=Kind.CODE)
    yield fact("Seguridad social", attribute(receptor, "NumSeguridadSocial"), kind=Kind.CODE)
    yield fact("Registro patronal", attribute(emisor, "RegistroPatronal"), kind=Kind.CODE)
    yield fact("Contrato", contract, "tipo_contrato")
    yield fact("Régimen", regime.zfill(2) if regime else "", "tipo_regimen")
    yield fact("Periodicidad", attribute(receptor, "PeriodicidadPago"), "periodicidad_pago")
    yield fact("Departamento", attribute(receptor, "Departamento"))
    yield fact("Puesto", attribute(receptor, "Puesto"))
    yield fact("Antigüedad", attribute(receptor, "Antigüedad") or attribute(receptor, "Antiguedad"))
    yield fact("Salario diario integrado", amount(attribute(receptor, "SalarioDiarioIntegrado")))


def _sums(node: etree._Element) -> Iterator[Fact]:
    """Tell the totals; version 1.1 states them apart, taxed and exempt."""
    for label, name, group in (
        ("Total de percepciones", "TotalPercepciones", "Percepciones"),
        ("Total de deducciones", "TotalDeducciones", "Deducciones"),
        ("Total de otros pagos", "TotalOtrosPagos", "OtrosPagos"),
    ):
        said = amount(attribute(node, name))
        if not said and node.get("Version") == "1.1":
            said = next((_old_sum(each) for each in node if each.tag.endswith(f"}}{group}")), "")
        yield fact(label, said)


def _old_sum(node: etree._Element) -> str:
    return f"{sum((Decimal(node.get(name) or 0) for name in ('TotalGravado', 'TotalExento')), Decimal(0)):,.2f}"
