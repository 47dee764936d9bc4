"""The stored CFDIs: the index, search, the XML out of its package, sums by month."""

from acuse.mx.archivo.errors import BadSearch, CfdiNotFound, XmlNotStored
from acuse.mx.archivo.model import (
    CfdiDetail,
    CfdiFilter,
    Counts,
    Direction,
    DocumentPanels,
    Efecto,
    EstadoCfdi,
    IngestReport,
    MonthSummary,
    Refusal,
    StoredCfdi,
    StoredXml,
)
from acuse.mx.archivo.service import ArchivoService
from acuse.mx.archivo.store.counting import CensusStore, Missing, Stretch

__all__ = [
    "ArchivoService",
    "BadSearch",
    "CensusStore",
    "CfdiDetail",
    "CfdiFilter",
    "CfdiNotFound",
    "Counts",
    "Direction",
    "DocumentPanels",
    "Efecto",
    "EstadoCfdi",
    "IngestReport",
    "Missing",
    "MonthSummary",
    "Refusal",
    "StoredCfdi",
    "StoredXml",
    "Stretch",
    "XmlNotStored",
]
