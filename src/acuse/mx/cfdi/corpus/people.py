"""The invented taxpayers a corpus deals with. Names are made from lists; Ñ and & occur as in life."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Final

from acuse.mx.rfc import FOREIGN, PUBLIC, Rfc, check_digit

_TRADES: Final = (
    "ACEROS Y PERFILES", "TRANSPORTES", "PAPELERÍA", "CONSULTORES", "REFACCIONES", "ABARROTES", "EMPAQUES",
    "PINTURAS", "LOGÍSTICA", "CAFÉ Y ESPECIAS", "MUEBLES", "TELAS", "SERVICIOS CONTABLES", "LLANTAS", "COMPUTACIÓN",
    "ALIMENTOS", "QUÍMICOS", "MADERAS", "IMPRENTA", "MAQUINADOS", "JOYERÍA", "VIÑEDOS", "BAÑOS Y AZULEJOS",
)  # fmt: skip
_PLACES: Final = (
    "DEL BAJÍO", "DE OCCIDENTE", "DEL NORTE", "DE ANÁHUAC", "DEL SURESTE", "LA HUASTECA", "DEL PACÍFICO",
    "DE LA MONTAÑA", "SAN JERÓNIMO", "CHAPULTEPEC", "DEL ISTMO", "TRES PEÑAS", "EL ÑANDÚ", "LA CAÑADA",
)  # fmt: skip
_SURNAMES: Final = (
    "MUÑOZ", "GARCÍA", "IBÁÑEZ", "HERNÁNDEZ", "PEÑA", "ORTEGA", "NÚÑEZ", "VÁZQUEZ", "ZÚÑIGA", "CASTAÑEDA", "LARA",
    "OROZCO", "ACUÑA", "TREVIÑO", "BELTRÁN", "QUIÑONES", "SALAZAR", "YÁÑEZ", "MONTES", "ROBLES",
)  # fmt: skip
_GIVEN: Final = (
    "MARÍA JOSÉ", "JUAN PABLO", "BEGOÑA", "LUIS ÁNGEL", "SOFÍA", "RAMÓN", "LUCÍA", "JOSÉ MARÍA", "ITZEL", "EMILIANO",
    "XÓCHITL", "ANDRÉS", "REGINA", "TOMÁS", "CITLALI", "HÉCTOR",
)  # fmt: skip
POSTCODES: Final = ("06000", "64000", "44100", "20000", "76000", "37000", "72000", "97000", "22000", "83000")
_HOMOCLAVE: Final = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taxpayer:
    """A party to the corpus: RFC, registered name, regime (c_RegimenFiscal) and postcode."""

    rfc: str
    nombre: str
    regimen: str = "601"
    domicilio: str = "06000"

    @property
    def is_person(self) -> bool:
        """Answer whether it is a natural person."""
        return Rfc(self.rfc).is_person


PUBLIC_BUYER: Final = Taxpayer(rfc=str(PUBLIC), nombre="PUBLICO EN GENERAL", regimen="616")
FOREIGN_BUYER: Final = Taxpayer(rfc=str(FOREIGN), nombre="NORTHWIND & SONS LLC", regimen="616")


def happens(random: Random, share: float) -> bool:
    """Let chance decide, true in this share of all cases."""
    return random.random() < share


def invent_company(random: Random) -> Taxpayer:
    """Make up a company; one in six is named after two partners joined by &."""
    if happens(random, 1 / 6):
        first, second = random.sample(_SURNAMES, 2)
        name = f"{first} & {second} {random.choice(_TRADES)}"
        letters = f"{_letters(first)[0]}&{_letters(second)[0]}"
    else:
        name = f"{random.choice(_TRADES)} {random.choice(_PLACES)}"
        words = [_letters(word) for word in name.split() if len(word) > len("DEL")]
        letters = "".join(word[0] for word in words).ljust(3, "X")[:3]
    regimen = "626" if happens(random, 1 / 8) else "601"
    return Taxpayer(rfc=_rfc(letters, random), nombre=name, regimen=regimen, domicilio=random.choice(POSTCODES))


def invent_person(random: Random) -> Taxpayer:
    """Make up a natural person with professional income (612) or in the simplified regime (626)."""
    first, second = random.sample(_SURNAMES, 2)
    given = random.choice(_GIVEN)
    paternal = _letters(first)
    vowel = next((letter for letter in paternal[1:] if letter in "AEIOU"), "X")
    letters = f"{paternal[0]}{vowel}{_letters(second)[0]}{_letters(given)[0]}"
    return Taxpayer(
        rfc=_rfc(letters, random),
        nombre=f"{given} {first} {second}",
        regimen=random.choice(("612", "626")),
        domicilio=random.choice(POSTCODES),
    )


def _letters(word: str) -> str:
    """Drop accents and keep ñ, as the RFC does."""
    kept = word.replace("Ñ", "\0")
    bare = "".join(each for each in unicodedata.normalize("NFD", kept) if not unicodedata.combining(each))
    return bare.replace("\0", "Ñ")


def _rfc(letters: str, random: Random) -> str:
    year, month, day = random.randint(60, 99), random.randint(1, 12), random.randint(1, 28)
    body = f"{letters}{year:02d}{month:02d}{day:02d}{''.join(random.choices(_HOMOCLAVE, k=2))}"
    return body + check_digit(body)
