"""The RFCs we serve: who may act for them, and their e.firmas, checked, sealed and lent out for signing."""

from acuse.mx.contribuyentes.errors import (
    AccessLevelTooLow,
    ContribuyenteNotFound,
    EfirmaMissing,
)
from acuse.mx.contribuyentes.model import AccessLevel, Contribuyente, EfirmaState, EfirmaStatus, as_choices, as_filter
from acuse.mx.contribuyentes.service import BulkAction, ClientsService, ContribuyentesService, Departures, Figures

__all__ = [
    "AccessLevel",
    "AccessLevelTooLow",
    "BulkAction",
    "ClientsService",
    "Contribuyente",
    "ContribuyenteNotFound",
    "ContribuyentesService",
    "Departures",
    "EfirmaMissing",
    "EfirmaState",
    "EfirmaStatus",
    "Figures",
    "as_choices",
    "as_filter",
]
