"""Brings an existing archive in: folders and ZIPs of XMLs, of the SAT's packages, of metadata."""

from acuse.mx.importaciones.errors import ImportEnded, ImportNotAZip, ImportNotFound, ImportPathMissing
from acuse.mx.importaciones.model import Estado, Importacion, Outcome, Report, Told
from acuse.mx.importaciones.service import ImportAtDesk, Importer, ImportService

__all__ = [
    "Estado",
    "ImportAtDesk",
    "ImportEnded",
    "ImportNotAZip",
    "ImportNotFound",
    "ImportPathMissing",
    "ImportService",
    "Importacion",
    "Importer",
    "Outcome",
    "Report",
    "Told",
]
