"""Makes up employees and their fortnightly payroll receipts. Pure; all chance is injected."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from acuse.kernel.money import round_half_up
from acuse.mx.cfdi.corpus.people import Taxpayer, invent_person
from acuse.mx.cfdi.draft import Emisor, Nomina, Receptor, Trabajador

_JOBS: Final = ("Auxiliar contable", "Chofer", "Maestra", "Almacenista", "Vendedor", "Diseñadora", "Soporte técnico")
_STATES: Final = ("CMX", "JAL", "NLE", "PUE", "GUA", "YUC")
_CURP_STATES: Final = ("DF", "JC", "NL", "PL", "GT", "YN")
_CONSONANTS: Final = "BCDFGHJKLMNPQRSTVWXYZ"
_FORTNIGHT: Final = 15
_SECURITY_RATE: Final = Decimal("0.02375")
_REGISTRO_PATRONAL: Final = "Y1234567101"


def invent_employee(random: Random, number: int) -> Trabajador:
    """Make up an employee with a CURP of the right form, hired some years ago."""
    person = invent_person(random)
    place = random.randrange(len(_STATES))
    letters = person.rfc[:4].replace("Ñ", "X").replace("&", "X")
    consonants = "".join(random.choices(_CONSONANTS, k=3))
    curp = f"{letters}{person.rfc[4:10]}{random.choice('HM')}{_CURP_STATES[place]}{consonants}0{random.randint(0, 9)}"
    return Trabajador(
        receptor=Receptor(rfc=person.rfc, nombre=person.nombre, regimen="605", domicilio=person.domicilio, uso="CN01"),
        curp=curp,
        seguro_social=f"{random.randint(10**10, 10**11 - 1)}",
        numero=f"{number:04d}",
        puesto=random.choice(_JOBS),
        desde=date(random.randint(2008, 2015), random.randint(1, 12), random.randint(1, 28)),
        estado=_STATES[place],
        salario_diario=Decimal(random.randint(31_000, 160_000)) / 100,
    )


def draft_payroll(random: Random, employer: Taxpayer, employee: Trabajador, fecha: datetime, folio: str) -> Nomina:
    """Make up the receipt of the fortnight this moment falls in; wages follow from the employee."""
    first_half = fecha.day <= _FORTNIGHT
    since = date(fecha.year, fecha.month, 1 if first_half else _FORTNIGHT + 1)
    last = calendar.monthrange(fecha.year, fecha.month)[1]
    until = since + timedelta(days=_FORTNIGHT - 1) if first_half else date(fecha.year, fecha.month, last)
    wages = employee.salario_diario * _FORTNIGHT
    return Nomina(
        fecha=fecha,
        emisor=Emisor(rfc=employer.rfc, nombre=employer.nombre, regimen=employer.regimen),
        registro_patronal=_REGISTRO_PATRONAL,
        trabajador=employee,
        lugar_expedicion=employer.domicilio,
        desde=since,
        hasta=until,
        dias=_FORTNIGHT,
        sueldo=wages,
        exento=Decimal(random.choice((0, 450, 900))),
        isr=round_half_up(wages * Decimal(random.randint(6, 21)) / 100, 2),
        seguro=round_half_up(wages * _SECURITY_RATE, 2),
        serie="N",
        folio=folio,
    )
