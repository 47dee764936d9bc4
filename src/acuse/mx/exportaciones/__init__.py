"""Takes CFDIs out of the archive: CSV at once; CSV, workbook, ZIP of XMLs or everything of a taxpayer by a job."""

from acuse.mx.exportaciones.errors import ExportEmpty, ExportEnded, ExportNotFound, ExportNotReady, ExportOfOne
from acuse.mx.exportaciones.model import Estado, Exportacion, Formato
from acuse.mx.exportaciones.service import ExportService, Maker

__all__ = [
    "Estado",
    "ExportEmpty",
    "ExportEnded",
    "ExportNotFound",
    "ExportNotReady",
    "ExportOfOne",
    "ExportService",
    "Exportacion",
    "Formato",
    "Maker",
]
