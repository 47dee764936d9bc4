"""What people do with the CRS: fill the catalogue, download, bill, watch."""

from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.service.bell import Bell
from acuse.ar.crs.service.billing import BillingService
from acuse.ar.crs.service.catalogue import CatalogueService
from acuse.ar.crs.service.downloads import DownloadService
from acuse.ar.crs.service.importing import Importer
from acuse.ar.crs.service.quotas import QuotaService
from acuse.ar.crs.service.radar import Radar
from acuse.ar.crs.service.reports import ReportService

__all__ = [
    "Alerts",
    "Bell",
    "BillingService",
    "CatalogueService",
    "DownloadService",
    "Importer",
    "QuotaService",
    "Radar",
    "ReportService",
]
