"""Attribute values of fiscal documents: read strictly, bounded, told by name when wrong."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Final

from acuse.mx.cfdi.errors import BadCfdi

_AMOUNT: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?").fullmatch
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}").fullmatch
_LOCAL_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}").fullmatch
_RFC: Final = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}").fullmatch
_CERTIFICATE: Final = re.compile(r"[0-9]{20}").fullmatch
_EFECTOS: Final = frozenset("IETNP")
_MAX_TEXT: Final = 300
_MAX_CODE: Final = 13
_CURRENCY_CHARS: Final = 3


def uuid(value: str | None, attribute: str) -> str:
    """Read a UUID; upper case, as the index keys it."""
    if value is None or not _UUID(value := value.strip()):
        raise BadCfdi(attribute=attribute)
    return value.upper()


def rfc(value: str | None, attribute: str) -> str:
    """Read a taxpayer id by its form; Ñ and & are letters here."""
    if value is None or not _RFC(value := value.strip().upper()):
        raise BadCfdi(attribute=attribute)
    return value


def text(value: str | None, attribute: str) -> str | None:
    """Read free text; an absent or empty one is None."""
    if not value:
        return None
    if len(value) > _MAX_TEXT:
        raise BadCfdi(attribute=attribute)
    return value.strip() or None


def code(value: str | None, attribute: str) -> str | None:
    """Read a key of a catalogue or an RFC as it stands; an absent or empty one is None."""
    if not value:
        return None
    if len(value) > _MAX_CODE:
        raise BadCfdi(attribute=attribute)
    return value


def efecto(value: str | None) -> str:
    """Read TipoDeComprobante: I, E, T, N or P."""
    if value not in _EFECTOS or value is None:
        raise BadCfdi(attribute="TipoDeComprobante")
    return value


def currency(value: str | None) -> str:
    """Read a currency code of three letters."""
    if value is None or len(value) != _CURRENCY_CHARS:
        raise BadCfdi(attribute="Moneda")
    return value


def amount(value: str | None, attribute: str) -> Decimal:
    """Read an amount exactly."""
    if value is None or not _AMOUNT(value):
        raise BadCfdi(attribute=attribute)
    return Decimal(value)


def optional_amount(value: str | None, attribute: str) -> Decimal | None:
    """Read an amount that may be absent."""
    if value is None:
        return None
    if not _AMOUNT(value):
        raise BadCfdi(attribute=attribute)
    return Decimal(value)


def local_time(value: str | None, attribute: str) -> datetime:
    """Read `AAAA-MM-DDThh:mm:ss`, local to the place of issue, hence without a zone."""
    if value is None or not _LOCAL_TIME(value):
        raise BadCfdi(attribute=attribute)
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise BadCfdi(attribute=attribute) from error


def certificate_number(value: str | None) -> str:
    """Read the twenty digits of NoCertificado."""
    if value is None or not _CERTIFICATE(value):
        raise BadCfdi(attribute="NoCertificado")
    return value


def seal_tail(sello: str, chars: int) -> str:
    """Answer the end of a sello, which the SAT's verification asks for."""
    return sello.strip()[-chars:]
