"""Whom the simulated SAT serves: the demo taxpayer first, then others under RFCs of the SAT's own test files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Final

from acuse.mx.cfdi.corpus import Taxpayer
from acuse.mx.cfdi.corpus.people import invent_company, invent_person

DEMO: Final = Taxpayer(rfc="EKU9003173C9", nombre="ESCUELA KEMPER URGATE", regimen="601", domicilio="42501")
_OTHERS: Final = (
    Taxpayer(rfc="H&E951128469", nombre="HERRERIA & ELECTRICOS", regimen="601", domicilio="06002"),
    Taxpayer(rfc="ZUÑ920208KL4", nombre="ZAPATERIA URTADO ÑERI", regimen="601", domicilio="34541"),
    Taxpayer(rfc="CACX7605101P8", nombre="XOCHILT CASAS CHAVEZ", regimen="612", domicilio="36257"),
    Taxpayer(rfc="IIA040805DZ4", nombre="INDISTRIA ILUMINADORA DE ALMACENES", regimen="626", domicilio="62661"),
    Taxpayer(rfc="URE180429TM6", nombre="UNIVERSIDAD ROBOTICA ESPAÑOLA", regimen="601", domicilio="86991"),
    Taxpayer(rfc="FUNK671228PH6", nombre="KARLA FUENTE NOLASCO", regimen="612", domicilio="16035"),
    Taxpayer(rfc="XIA190128J61", nombre="XENON INDUSTRIAL ARTICLES", regimen="601", domicilio="76343"),
    Taxpayer(rfc="RAQÑ7701212M3", nombre="ÑEVES RAMIREZ QUEZADA", regimen="626", domicilio="43516"),
)
_SHARES: Final = (0.4, 0.15, 0.05, 0.3, 0.1)  # of the first one's CFDIs, over and over
_LEAST: Final = 24
_CROSS_SHARE: Final = 20


def first_taxpayers(count: int) -> list[Taxpayer]:
    """Answer this many taxpayers, always the same ones; no two have the same RFC."""
    return list(islice(_everybody(), count))


def sizes(count: int, cfdis: int) -> list[int]:
    """Answer how many CFDIs each has besides those between two of them: the first what is asked, others a share."""
    others = [max(round(cfdis * _SHARES[place % len(_SHARES)]), _LEAST) for place in range(count - 1)]
    return [cfdis, *others]


def cross_sizes(count: int, cfdis: int) -> dict[tuple[int, int], int]:
    """Answer who issues to whom, by places: everybody to the next one and to the first, and how many CFDIs a year."""
    held = sizes(count, cfdis)
    pairs = {(place, (place + 1) % count) for place in range(count)} | {(place, 0) for place in range(1, count)}
    return {
        (one, other): max(min(held[one], held[other]) // _CROSS_SHARE, 2)
        for one, other in sorted(pairs)
        if one != other
    }


def _everybody() -> Iterator[Taxpayer]:
    known = {DEMO.rfc, *(each.rfc for each in _OTHERS)}
    yield DEMO
    yield from _OTHERS
    random = Random("everybody")  # noqa: S311 - nothing secret, and meant to be repeatable
    while True:
        made = invent_company(random) if random.random() < 0.7 else invent_person(random)  # noqa: PLR2004 - as in life
        if made.rfc not in known:
            known.add(made.rfc)
            yield made
