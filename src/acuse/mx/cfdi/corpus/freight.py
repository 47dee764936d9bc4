"""Makes up the freight by road that a Traslado goes with. Pure; all chance is injected."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from uuid import UUID

from acuse.mx.cfdi.corpus.people import Taxpayer, invent_person
from acuse.mx.cfdi.draft import CartaPorte, Parada

_STATE_OF: Final = {
    "06000": "CMX", "64000": "NLE", "44100": "JAL", "20000": "AGU", "76000": "QUE", "37000": "GUA", "72000": "PUE",
    "97000": "YUC", "22000": "BCN", "83000": "SON",
}  # fmt: skip
_KM_PER_HOUR: Final = 70


def draft_freight(random: Random, sender: Taxpayer, receiver: Taxpayer, fecha: datetime) -> CartaPorte:
    """Make up lorry, driver and way; the goods leave some hours after the document is issued."""
    kilometres = random.randint(18, 1_900)
    leaves = fecha + timedelta(hours=random.randint(1, 12))
    driver = invent_person(random)
    identifier = str(UUID(int=random.getrandbits(128), version=4)).upper()
    return CartaPorte(
        id=f"CCC{identifier[3:]}",
        origen=_stop(sender, leaves),
        destino=_stop(receiver, leaves + timedelta(hours=kilometres // _KM_PER_HOUR + 1)),
        kilometros=kilometres,
        peso_kg=Decimal(random.randint(20_000, 9_000_000)) / 1_000,
        placa=f"{random.randint(10, 99)}A{random.choice('BCDFGH')}{random.randint(1, 9)}X",
        modelo=random.randint(2006, 2024),
        operador_rfc=driver.rfc,
        operador_nombre=driver.nombre,
    )


def _stop(taxpayer: Taxpayer, moment: datetime) -> Parada:
    return Parada(
        rfc=taxpayer.rfc,
        nombre=taxpayer.nombre,
        fecha=moment,
        estado=_STATE_OF.get(taxpayer.domicilio, "CMX"),
        codigo_postal=taxpayer.domicilio,
    )
