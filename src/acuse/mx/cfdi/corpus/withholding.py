"""Makes up the content of single documents of Retenciones. Pure; all chance is injected."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from acuse.kernel.money import round_half_up
from acuse.mx.cfdi.corpus.people import FOREIGN_BUYER, Taxpayer
from acuse.mx.cfdi.draft import Emisor, Retencion


class _Kind(NamedTuple):
    """A kind of payment: its key (c_CveRetenc), the tax withheld and its rate, what is said of key 25."""

    clave: str
    impuesto: str
    tasa: Decimal
    descripcion: str | None = None


_KINDS: Final = (
    _Kind("01", "001", Decimal("0.35")),
    _Kind("14", "001", Decimal("0.10")),
    _Kind("16", "001", Decimal("0.005")),
    _Kind("26", "002", Decimal("0.08")),
    _Kind("25", "001", Decimal("0.10"), "Pagos por el uso de plataformas & servicios"),
)
_ABROAD: Final = _Kind("18", "001", Decimal("0.25"))


def draft_withholding(random: Random, emisor: Taxpayer, receptor: Taxpayer, fecha: datetime, folio: str) -> Retencion:
    """Make up a document of what was paid in the month of this moment, or abroad for the foreign buyer."""
    abroad = receptor is FOREIGN_BUYER
    kind = _ABROAD if abroad else random.choice(_KINDS)
    paid = Decimal(random.randint(150_000, 45_000_000)) / 100
    exempt = round_half_up(paid / 10, 2) if kind.clave == "16" else Decimal(0)
    return Retencion(
        fecha=fecha,
        emisor=Emisor(rfc=emisor.rfc, nombre=emisor.nombre, regimen=emisor.regimen),
        receptor_nombre=receptor.nombre,
        lugar_expedicion=emisor.domicilio,
        clave=kind.clave,
        mes_inicial=fecha.month,
        mes_final=fecha.month,
        ejercicio=fecha.year,
        operacion=paid,
        gravado=paid - exempt,
        exento=exempt,
        retenido=round_half_up((paid - exempt) * kind.tasa, 2),
        impuesto=kind.impuesto,
        receptor_rfc=None if abroad else receptor.rfc,
        receptor_domicilio=None if abroad else receptor.domicilio,
        receptor_registro="123456789" if abroad else None,
        descripcion=kind.descripcion,
        folio=folio,
    )
