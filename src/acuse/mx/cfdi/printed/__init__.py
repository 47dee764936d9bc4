"""A fiscal document as people read it: its words, amounts and catalogue meanings, for a page and for a PDF."""

from acuse.mx.cfdi.printed.model import Column, Fact, Kind, Printed, Section, Standing, Table
from acuse.mx.cfdi.printed.reading import print_document

__all__ = ["Column", "Fact", "Kind", "Printed", "Section", "Standing", "Table", "print_document"]
