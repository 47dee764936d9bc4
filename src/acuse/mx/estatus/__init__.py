"""What the SAT says today of a CFDI: asked one by one or for a whole filter, kept as history."""

from acuse.mx.estatus.service import EstatusService, LoteService

__all__ = ["EstatusService", "LoteService"]
