"""The CRS for people: catalogue and own downloads for resellers, billing and figures for administrators."""

from acuse.ar.crs.pages.cells import HOME
from acuse.ar.crs.pages.routes import home_panel, router

__all__ = ["HOME", "home_panel", "router"]
