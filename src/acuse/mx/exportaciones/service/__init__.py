"""What people and jobs do: ask for exports, make them, take them, forget them."""

from acuse.mx.exportaciones.service.at_once import ExportAtOnce
from acuse.mx.exportaciones.service.exports import ExportService
from acuse.mx.exportaciones.service.making import Maker

__all__ = ["ExportAtOnce", "ExportService", "Maker"]
