"""Solicitudes, plans and paquetes for people."""

from acuse.mx.descarga.pages.office import HOME as OFFICE
from acuse.mx.descarga.pages.office import router as office_router
from acuse.mx.descarga.pages.routes import HOME, home_panel, router

routers = (router, office_router)

__all__ = ["HOME", "OFFICE", "home_panel", "router", "routers"]
