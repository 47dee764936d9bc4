"""Cancellations that were news: who, when found, when cancelled, and people told once."""

from acuse.mx.cancelaciones.service import CancelacionesService

__all__ = ["CancelacionesService"]
