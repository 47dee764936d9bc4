"""Solicitudes, plans and paquetes for people."""

from acuse.mx.descarga.pages.routes import HOME, home_panel, router

__all__ = ["HOME", "home_panel", "router"]
