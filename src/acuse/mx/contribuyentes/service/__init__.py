"""What people intend with taxpayers, one room for each intention."""

from acuse.mx.contribuyentes.service.expiry import ExpiryLetters
from acuse.mx.contribuyentes.service.pem import PemExports
from acuse.mx.contribuyentes.service.taxpayers import ContribuyentesService

__all__ = ["ContribuyentesService", "ExpiryLetters", "PemExports"]
