"""A taxpayer's year of CFDIs and of Retenciones, invented by seed and size, sealed and stamped like true ones."""

from acuse.mx.cfdi.corpus.entry import CorpusEntry
from acuse.mx.cfdi.corpus.issuers import Issuers
from acuse.mx.cfdi.corpus.people import Taxpayer
from acuse.mx.cfdi.corpus.retenciones import RetencionesCorpus
from acuse.mx.cfdi.corpus.series import Series
from acuse.mx.cfdi.corpus.year import Corpus

__all__ = ["Corpus", "CorpusEntry", "Issuers", "RetencionesCorpus", "Series", "Taxpayer"]
