"""The stored CFDIs: the index, search, the XML out of its package, sums by month."""

from acuse.mx.archivo.errors import BadSearch, CfdiNotFound, XmlNotStored
from acuse.mx.archivo.model import (
    CfdiDetail,
    CfdiFilter,
    Counts,
    Direction,
    Efecto,
    EstadoCfdi,
    IngestReport,
    MonthSummary,
    Refusal,
    StoredCfdi,
    StoredXml,
)
from acuse.mx.archivo.service import ArchivoService

__all__ = [
    "ArchivoService",
    "BadSearch",
    "CfdiDetail",
    "CfdiFilter",
    "CfdiNotFound",
    "Counts",
    "Direction",
    "Efecto",
    "EstadoCfdi",
    "IngestReport",
    "MonthSummary",
    "Refusal",
    "StoredCfdi",
    "StoredXml",
    "XmlNotStored",
]
