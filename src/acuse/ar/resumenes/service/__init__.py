"""Statements: closed once, handed out, verified."""

from acuse.ar.resumenes.service.closing import ClosingService
from acuse.ar.resumenes.service.reading import ResumenService

__all__ = ["ClosingService", "ResumenService"]
