"""A year of a taxpayer's CFDIs, invented by seed and size, sealed and stamped like true ones."""

from acuse.mx.cfdi.corpus.issuers import Issuers
from acuse.mx.cfdi.corpus.people import Taxpayer
from acuse.mx.cfdi.corpus.year import Corpus, CorpusEntry

__all__ = ["Corpus", "CorpusEntry", "Issuers", "Taxpayer"]
