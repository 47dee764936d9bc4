"""The list of article 69-B, every version of it, matched against all stored CFDIs."""

from acuse.mx.listas.service import ListasService

__all__ = ["ListasService"]
