"""The CRS over HTTP, as its documentation names it."""

from acuse.ar.crs.api.catalogue import router as catalogue
from acuse.ar.crs.api.downloads import router as downloads
from acuse.ar.crs.api.reports import metrics, reports

routers = (catalogue, downloads, reports, metrics)

__all__ = ["routers"]
