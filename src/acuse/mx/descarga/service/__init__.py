"""What people and jobs do with solicitudes and paquetes, one class for each concern."""

from acuse.mx.descarga.service.clients import OfficeService, YearOf
from acuse.mx.descarga.service.daily import DailyService
from acuse.mx.descarga.service.dividing import Divider, SatLimits
from acuse.mx.descarga.service.fetching import FetchingService
from acuse.mx.descarga.service.indexing import IndexingService
from acuse.mx.descarga.service.lifetime import Lifetime, Spending
from acuse.mx.descarga.service.means import Means
from acuse.mx.descarga.service.missing import Errand, MissingService
from acuse.mx.descarga.service.reading import (
    Overview,
    Part,
    PlanProgress,
    ReadingService,
    SolicitudDetail,
)
from acuse.mx.descarga.service.rechecking import RecheckService
from acuse.mx.descarga.service.repeating import RepeatingService, Repetition, repeatable
from acuse.mx.descarga.service.sending import SendingService, YearPlan
from acuse.mx.descarga.service.sessions import SatSessions, TokenTimes, skew_text
from acuse.mx.descarga.service.story import Story
from acuse.mx.descarga.service.summary import SummaryService
from acuse.mx.descarga.service.syncing import Synced, SyncService
from acuse.mx.descarga.service.tree import TreeWriter
from acuse.mx.descarga.service.verifying import VerifyingService

__all__ = [
    "DailyService",
    "Divider",
    "Errand",
    "FetchingService",
    "IndexingService",
    "Lifetime",
    "Means",
    "MissingService",
    "OfficeService",
    "Overview",
    "Part",
    "PlanProgress",
    "ReadingService",
    "RecheckService",
    "RepeatingService",
    "Repetition",
    "SatLimits",
    "SatSessions",
    "SendingService",
    "SolicitudDetail",
    "Spending",
    "Story",
    "SummaryService",
    "SyncService",
    "Synced",
    "TokenTimes",
    "TreeWriter",
    "VerifyingService",
    "YearOf",
    "YearPlan",
    "repeatable",
    "skew_text",
]
