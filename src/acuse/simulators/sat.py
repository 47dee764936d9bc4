"""Puts the simulated SAT together: its authority, the demo taxpayer and a year of invented CFDIs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from acuse.kernel.clock import MovableClock
from acuse.mx.cfdi.corpus import Corpus, CorpusEntry, Issuers, Taxpayer
from acuse.mx.outside.sat_descarga.simulator import Document, Journal, Limits, SatState
from acuse.simulators.shelf import Shelf

_COMPLEMENTOS: Final = {"Pagos": "pagos20"}
_CSD_AGE: Final = timedelta(days=700)
_ISSUED_SHARE: Final = 0.45


def corpus_size(issued: int) -> int:
    """Answer how large a corpus must be for about this many documents issued by the taxpayer itself."""
    return round(issued / _ISSUED_SHARE)


def build_sat(shelf: Shelf, *, cfdis: int, year: int, clock: MovableClock, limits: Limits | None = None) -> SatState:
    """Make the state: the demo taxpayer with this many CFDIs of this year. Takes a while for a large corpus."""
    issuers = Issuers(shelf.ca, not_before=clock.now() - _CSD_AGE)
    issuers.add(shelf.csd.pair(), shelf.rfc)
    taxpayer = Taxpayer(rfc=shelf.rfc, nombre=shelf.name, regimen=shelf.regimen, domicilio=shelf.postcode)
    corpus = Corpus(taxpayer=taxpayer, year=year, size=cfdis, issuers=issuers)
    documents = [_document(corpus, entry) for entry in corpus.entries()]
    return SatState(
        corpus_by_rfc={shelf.rfc: documents},
        ca=shelf.ca.certificate,
        clock=clock,
        limits=limits,
        journal=Journal(shelf.journal),
    )


def _document(corpus: Corpus, entry: CorpusEntry) -> Document:
    return Document(
        uuid=entry.uuid,
        rfc_emisor=entry.emisor_rfc,
        nombre_emisor=entry.emisor_nombre,
        rfc_receptor=entry.receptor_rfc,
        nombre_receptor=entry.receptor_nombre,
        rfc_pac=entry.rfc_pac,
        fecha=entry.fecha,
        fecha_timbrado=entry.fecha_timbrado,
        total=entry.total,
        efecto=entry.efecto,
        fecha_cancelacion=entry.fecha_cancelacion,
        complementos=frozenset(_COMPLEMENTOS.get(one, one.lower()) for one in entry.complementos),
        rfc_tercero=entry.tercero_rfc or "",
        nombre_tercero=entry.tercero_nombre or "",
        xml=partial(corpus.xml, entry),
    )
