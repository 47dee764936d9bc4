"""What people and jobs do: ask about one CFDI, ask about many."""

from acuse.mx.estatus.service.asking import EstatusService
from acuse.mx.estatus.service.lotes import LoteService

__all__ = ["EstatusService", "LoteService"]
