"""Builds what ARCA is asked and reads what it answers: pure functions."""

from acuse.ar.outside.arca.wire.login import Ticket, login_envelope, login_request, read_ticket
from acuse.ar.outside.arca.wire.operations import ALTA, BAJA, OPERATIONS, RENOVAR, Operation
from acuse.ar.outside.arca.wire.refusals import login_refusal, refusal
from acuse.ar.outside.arca.wire.replies import Issued, read_discharge, read_issued
from acuse.ar.outside.arca.wire.requests import call
from acuse.ar.outside.arca.wire.signing import sign_cms
from acuse.ar.outside.arca.wire.soap import Fault, read_fault

__all__ = [
    "ALTA",
    "BAJA",
    "OPERATIONS",
    "RENOVAR",
    "Fault",
    "Issued",
    "Operation",
    "Ticket",
    "call",
    "login_envelope",
    "login_refusal",
    "login_request",
    "read_discharge",
    "read_fault",
    "read_issued",
    "read_ticket",
    "refusal",
    "sign_cms",
]
