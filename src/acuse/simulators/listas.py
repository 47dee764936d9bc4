"""Puts some of the invented suppliers into the simulated list of article 69-B."""

from __future__ import annotations

from typing import Final

from acuse.kernel.clock import MovableClock
from acuse.mx.outside.sat_listas.simulator import ListaState
from acuse.simulators.sat import World

_SITUATIONS: Final = ("Definitivo", "Presunto", "Desvirtuado", "Sentencia Favorable")


def build_lista(world: World, clock: MovableClock) -> ListaState:
    """Make the list: of each taxpayer's suppliers the first four companies, one in each situation."""
    lista = ListaState(clock.now().date())
    for corpus in world.corpora:
        companies = [each for each in corpus.counterparts if not each.is_person]
        for company, situation in zip(companies, _SITUATIONS, strict=False):
            lista.situations[company.rfc] = (company.nombre, situation)
    return lista
