"""The queries of exports: themselves, and the CFDIs they hand out."""

from acuse.mx.exportaciones.store.columns import COLUMNS, Column, Kind
from acuse.mx.exportaciones.store.exports import ExportStore, subjects_of
from acuse.mx.exportaciones.store.reading import Line, PackageLine, Place, ReadingStore

__all__ = ["COLUMNS", "Column", "ExportStore", "Kind", "Line", "PackageLine", "Place", "ReadingStore", "subjects_of"]
