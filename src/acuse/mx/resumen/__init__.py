"""A taxpayer's months in figures: what was issued and received, its taxes, what was paid."""

from acuse.mx.resumen.model import Resumen, Total
from acuse.mx.resumen.service import ResumenService

__all__ = ["Resumen", "ResumenService", "Total"]
