"""The explorer of stored CFDIs, and each of them, for people."""

from acuse.mx.archivo.pages.cells import HOME
from acuse.mx.archivo.pages.routes import home_panel, router

__all__ = ["HOME", "home_panel", "router"]
