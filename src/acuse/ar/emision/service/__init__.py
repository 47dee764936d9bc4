"""Issuing: what people ask, and what is done about it."""

from acuse.ar.emision.service.carrying import Carrier
from acuse.ar.emision.service.credential import CredentialService
from acuse.ar.emision.service.issuing import IssuingService
from acuse.ar.emision.service.pausing import Breaker
from acuse.ar.emision.service.tickets import Tickets

__all__ = ["Breaker", "Carrier", "CredentialService", "IssuingService", "Tickets"]
