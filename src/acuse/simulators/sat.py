"""Puts the simulated SAT together: its authority, the taxpayers and a year of invented documents of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from acuse.kernel.clock import MovableClock
from acuse.mx.cfdi.corpus import Corpus, Issuers, RetencionesCorpus
from acuse.mx.outside.sat_descarga.simulator import Journal, Limits, SatState
from acuse.simulators.holdings import Holdings, Source
from acuse.simulators.people import cross_sizes, sizes
from acuse.simulators.shelf import Shelf

_CSD_AGE: Final = timedelta(days=700)
_ISSUED_SHARE: Final = 0.47
_RETENCIONES_SHARE: Final = 50
_LEAST_RETENCIONES: Final = 12


def corpus_size(issued: int) -> int:
    """Answer how large a corpus must be for about this many documents issued by the taxpayer itself."""
    return round(issued / _ISSUED_SHARE)


class World:
    """Everything invented for one start: the SAT's state, and the corpora behind it."""

    def __init__(
        self, shelf: Shelf, *, cfdis: int, year: int, clock: MovableClock, limits: Limits | None = None
    ) -> None:
        people = [member.taxpayer for member in shelf.members]
        issuers = Issuers(shelf.ca, not_before=clock.now() - _CSD_AGE)
        for member in shelf.members:
            issuers.add(member.csd.pair(), member.taxpayer.rfc)
        self.corpora = [
            Corpus(taxpayer=each, year=year, size=size, issuers=issuers)
            for each, size in zip(people, sizes(len(people), cfdis), strict=True)
        ]
        held = [[Source(corpus)] for corpus in self.corpora]
        for (one, other), size in cross_sizes(len(people), cfdis).items():
            between = Source(Corpus(taxpayer=people[one], year=year, size=size, issuers=issuers, partner=people[other]))
            held[one].append(between)
            held[other].append(between)
        withheld = [
            RetencionesCorpus(
                taxpayer=corpus.taxpayer,
                year=year,
                size=max(corpus.size // _RETENCIONES_SHARE, _LEAST_RETENCIONES),
                issuers=issuers,
            )
            for corpus in self.corpora
        ]
        self.holdings = {each.rfc: Holdings(*sources) for each, sources in zip(people, held, strict=True)}
        self.sat = SatState(
            corpus_by_rfc=self.holdings,
            retenciones_by_rfc={series.taxpayer.rfc: Holdings(Source(series)) for series in withheld},
            ca=shelf.ca.certificate,
            clock=clock,
            limits=limits,
            journal=Journal(shelf.journal),
        )

    def warm(self) -> None:
        """Look all CFDIs through ahead of the callers; it takes a while for a large corpus."""
        for each in self.holdings.values():
            each.warm()
