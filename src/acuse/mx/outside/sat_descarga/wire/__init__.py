"""Messages of the service: pure functions that build requests and read replies."""

from acuse.mx.outside.sat_descarga.wire.package_reply import DescargaReply, read_descarga
from acuse.mx.outside.sat_descarga.wire.refusals import refusal
from acuse.mx.outside.sat_descarga.wire.replies import (
    Estatus,
    Fault,
    SolicitaReply,
    TokenReply,
    VerificaReply,
    read_autentica,
    read_fault,
    read_solicita,
    read_verifica,
)
from acuse.mx.outside.sat_descarga.wire.requests import Consulta, autentica, descarga, solicita, timestamp, verifica

__all__ = [
    "Consulta",
    "DescargaReply",
    "Estatus",
    "Fault",
    "SolicitaReply",
    "TokenReply",
    "VerificaReply",
    "autentica",
    "descarga",
    "read_autentica",
    "read_descarga",
    "read_fault",
    "read_solicita",
    "read_verifica",
    "refusal",
    "solicita",
    "timestamp",
    "verifica",
]
