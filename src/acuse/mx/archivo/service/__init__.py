"""What people and jobs do with the archive: index packages, search, read, print, sum up."""

from acuse.mx.archivo.service.archive import ArchivoService
from acuse.mx.archivo.service.documents import DocumentosService
from acuse.mx.archivo.service.rereading import RereadingService

__all__ = ["ArchivoService", "DocumentosService", "RereadingService"]
