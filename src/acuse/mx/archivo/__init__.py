"""The stored CFDIs: the index, search, the XML out of its package, sums by month."""

from acuse.mx.archivo.errors import BadSearch, CfdiNotFound, XmlNotStored
from acuse.mx.archivo.events import CancellationsFound, CfdisAdded
from acuse.mx.archivo.model import (
    Cancellation,
    CfdiDetail,
    CfdiFilter,
    Counts,
    Direction,
    DocumentPanels,
    Efecto,
    EstadoCfdi,
    ExplorerTools,
    FoundBy,
    IngestReport,
    MonthSummary,
    Refusal,
    StoredCfdi,
    StoredXml,
)
from acuse.mx.archivo.service import ArchivoService
from acuse.mx.archivo.store.cancelled import CancelledStore
from acuse.mx.archivo.store.counting import CensusStore, Missing, Place, Stretch
from acuse.mx.archivo.store.months import MonthHeld, MonthsStore

__all__ = [
    "ArchivoService",
    "BadSearch",
    "Cancellation",
    "CancellationsFound",
    "CancelledStore",
    "CensusStore",
    "CfdiDetail",
    "CfdiFilter",
    "CfdiNotFound",
    "CfdisAdded",
    "Counts",
    "Direction",
    "DocumentPanels",
    "Efecto",
    "EstadoCfdi",
    "ExplorerTools",
    "FoundBy",
    "IngestReport",
    "Missing",
    "MonthHeld",
    "MonthSummary",
    "MonthsStore",
    "Place",
    "Refusal",
    "StoredCfdi",
    "StoredXml",
    "Stretch",
    "XmlNotStored",
]
