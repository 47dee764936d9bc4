"""What people intend with taxpayers, one room for each intention."""

from acuse.mx.contribuyentes.service.batch import BatchLine, BatchLoads, BatchReport, BatchResult
from acuse.mx.contribuyentes.service.batch_files import Batch, BatchFile, batch_of, files_in, files_of
from acuse.mx.contribuyentes.service.clients import (
    SORTS,
    BulkAction,
    Client,
    ClientFilter,
    ClientsService,
    Figures,
    FiguresSource,
)
from acuse.mx.contribuyentes.service.departures import Departures
from acuse.mx.contribuyentes.service.expiry import ExpiryLetters
from acuse.mx.contribuyentes.service.pem import PemExports
from acuse.mx.contribuyentes.service.taxpayers import ContribuyentesService

__all__ = [
    "SORTS",
    "Batch",
    "BatchFile",
    "BatchLine",
    "BatchLoads",
    "BatchReport",
    "BatchResult",
    "BulkAction",
    "Client",
    "ClientFilter",
    "ClientsService",
    "ContribuyentesService",
    "Departures",
    "ExpiryLetters",
    "Figures",
    "FiguresSource",
    "PemExports",
    "batch_of",
    "files_in",
    "files_of",
]
