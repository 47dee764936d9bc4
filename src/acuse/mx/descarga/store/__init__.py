"""The queries over solicitudes, paquetes and tokens. Every method runs in the caller's transaction."""

from acuse.mx.descarga.store.claims import Claim
from acuse.mx.descarga.store.coverage import Asked, CoverageStore
from acuse.mx.descarga.store.daily import DailyStore, Person, SyncCallStore
from acuse.mx.descarga.store.lifetime import LifetimeStore
from acuse.mx.descarga.store.paquetes import PaqueteStore
from acuse.mx.descarga.store.plans import PlanStore
from acuse.mx.descarga.store.sat_clock import SatClockStore
from acuse.mx.descarga.store.solicitudes import Filtros, SolicitudStore, parametros_of
from acuse.mx.descarga.store.subjects import SUBJECTS
from acuse.mx.descarga.store.tokens import TokenStore

__all__ = [
    "SUBJECTS",
    "Asked",
    "Claim",
    "CoverageStore",
    "DailyStore",
    "Filtros",
    "LifetimeStore",
    "PaqueteStore",
    "Person",
    "PlanStore",
    "SatClockStore",
    "SolicitudStore",
    "SyncCallStore",
    "TokenStore",
    "parametros_of",
]
