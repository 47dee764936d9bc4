"""The queries of the archive: writing what packages hold, and finding it again."""

from acuse.mx.archivo.store.cancelled import CancelledStore
from acuse.mx.archivo.store.counting import CensusStore, Missing, Stretch
from acuse.mx.archivo.store.indexing import IndexStore
from acuse.mx.archivo.store.marking import MarkingStore
from acuse.mx.archivo.store.months import MonthHeld, MonthsStore
from acuse.mx.archivo.store.payments import BetweenStore
from acuse.mx.archivo.store.rereading import RereadingStore, rfcs_of_paquetes
from acuse.mx.archivo.store.searching import SearchStore

__all__ = [
    "BetweenStore",
    "CancelledStore",
    "CensusStore",
    "IndexStore",
    "MarkingStore",
    "Missing",
    "MonthHeld",
    "MonthsStore",
    "RereadingStore",
    "SearchStore",
    "Stretch",
    "rfcs_of_paquetes",
]
