"""What is here of each month: known at the SAT, with XML, missing, as of when; and the way to get the rest."""

from acuse.mx.completitud.model import EstadoMes, Mes
from acuse.mx.completitud.service import CompletitudService

__all__ = ["CompletitudService", "EstadoMes", "Mes"]
