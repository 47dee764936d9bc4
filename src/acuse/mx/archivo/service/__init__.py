"""What people and jobs do with the archive: index packages, search, read, sum up."""

from acuse.mx.archivo.service.archive import ArchivoService

__all__ = ["ArchivoService"]
