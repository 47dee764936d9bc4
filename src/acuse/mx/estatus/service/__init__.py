"""What people and jobs do: ask about one CFDI, ask about many."""

from acuse.mx.estatus.service.asking import EstatusService
from acuse.mx.estatus.service.lotes import MOST_FINDINGS, LoteService

__all__ = ["MOST_FINDINGS", "EstatusService", "LoteService"]
