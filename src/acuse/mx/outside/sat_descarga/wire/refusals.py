"""From a code of the SAT to the error a person reads."""

from __future__ import annotations

from collections.abc import Mapping

from acuse.mx.outside.sat_descarga import errors
from acuse.mx.outside.sat_descarga.codes import CodEstatus
from acuse.mx.outside.sat_descarga.errors import SatRefused, SatTrouble
from acuse.mx.outside.sat_descarga.wire.replies import Estatus

_KINDS: Mapping[CodEstatus, type[SatRefused | SatTrouble]] = {
    CodEstatus.USUARIO_NO_VALIDO: errors.SatTokenRejected,
    CodEstatus.XML_MAL_FORMADO: errors.SatBadRequest,
    CodEstatus.SELLO_MAL_FORMADO: errors.SatBadSignature,
    CodEstatus.SELLO_NO_CORRESPONDE: errors.SatWrongSigner,
    CodEstatus.CERTIFICADO_REVOCADO_O_CADUCO: errors.SatCertificateEnded,
    CodEstatus.CERTIFICADO_INVALIDO: errors.SatCertificateInvalid,
    CodEstatus.ERROR_NO_CONTROLADO: errors.SatTrouble,
    CodEstatus.TERCERO_NO_AUTORIZADO: errors.SatNotAuthorized,
    CodEstatus.AGOTADAS_DE_POR_VIDA: errors.SatLifetimeSpent,
    CodEstatus.TOPE_MAXIMO: errors.SatTooManyResults,
    CodEstatus.SIN_INFORMACION: errors.SatNothingFound,
    CodEstatus.YA_REGISTRADA: errors.SatAlreadyRegistered,
    CodEstatus.ERROR_INTERNO: errors.SatTrouble,
    CodEstatus.NO_EXISTE_EL_PAQUETE: errors.SatPaqueteGone,
    CodEstatus.MAXIMO_DE_DESCARGAS: errors.SatDownloadsSpent,
    CodEstatus.LIMITE_POR_FOLIO_POR_DIA: errors.SatDailyLimit,
    CodEstatus.XML_CANCELADO: errors.SatXmlCancelled,
}


def refusal(estatus: Estatus) -> SatRefused | SatTrouble:
    """Answer the error of a code; a code nobody has documented keeps its number and words."""
    kind = _KINDS.get(estatus.known, SatRefused) if estatus.known else SatRefused
    return kind(sat_code=estatus.number, sat_message=estatus.mensaje)
