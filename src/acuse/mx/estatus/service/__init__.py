"""What people and jobs do: ask about one CFDI, ask about many, tell what was found cancelled."""

from acuse.mx.estatus.service.asking import EstatusService
from acuse.mx.estatus.service.letters import CancellationLetters
from acuse.mx.estatus.service.lotes import LoteService

__all__ = ["CancellationLetters", "EstatusService", "LoteService"]
