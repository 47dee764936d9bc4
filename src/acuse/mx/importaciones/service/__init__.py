"""What people and jobs do: bring an existing archive in."""

from acuse.mx.importaciones.service.at_desk import ImportAtDesk
from acuse.mx.importaciones.service.importing import Importer
from acuse.mx.importaciones.service.imports import ImportService

__all__ = ["ImportAtDesk", "ImportService", "Importer"]
