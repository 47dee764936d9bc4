"""A faithful SAT "Descarga Masiva" v1.5 that runs here: same messages, proofs, codes, states and limits."""

from acuse.mx.outside.sat_descarga.simulator.app import create_app
from acuse.mx.outside.sat_descarga.simulator.control import control_routes
from acuse.mx.outside.sat_descarga.simulator.documents import (
    Change,
    Document,
    Holdings,
    has_appeared,
    is_cancelled,
    matches,
)
from acuse.mx.outside.sat_descarga.simulator.faults import Fault, Outcome, SoapFault
from acuse.mx.outside.sat_descarga.simulator.journal import Journal
from acuse.mx.outside.sat_descarga.simulator.limits import Limits
from acuse.mx.outside.sat_descarga.simulator.names import Family, Operation
from acuse.mx.outside.sat_descarga.simulator.parameters import Query
from acuse.mx.outside.sat_descarga.simulator.quirks import MetadataQuirk, XmlQuirk
from acuse.mx.outside.sat_descarga.simulator.state import SatState

__all__ = [
    "Change",
    "Document",
    "Family",
    "Fault",
    "Holdings",
    "Journal",
    "Limits",
    "MetadataQuirk",
    "Operation",
    "Outcome",
    "Query",
    "SatState",
    "SoapFault",
    "XmlQuirk",
    "control_routes",
    "create_app",
    "has_appeared",
    "is_cancelled",
    "matches",
]
