"""Reads what arrives: the envelope, and the printed expression in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
_CONSULTA = "{http://tempuri.org/}Consulta"
_PRINTED = "{http://tempuri.org/}expresionImpresa"
_RFC = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}").fullmatch
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}").fullmatch
_TOTAL = re.compile(r"\d{1,18}(\.\d{1,6})?").fullmatch


@dataclass(frozen=True)
class Expression:
    """A printed expression of right form."""

    emisor: str
    receptor: str
    total: Decimal
    uuid: str
    seal_end: str


def read_printed(body: bytes) -> str | None:
    """Answer the text of expresionImpresa; None when the envelope is not one of this operation."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.tag != _ENVELOPE:
        return None
    printed = root.find(f"{_BODY}/{_CONSULTA}/{_PRINTED}")
    return None if printed is None else (printed.text or "")


def read_expression(text: str) -> Expression | None:
    """Answer the parts of an expression, whatever stands before its `?`; None for one of wrong form (601)."""
    _, mark, query = text.strip().partition("?")
    if not mark:
        return None
    guarded = query.replace("&amp;", "\0")
    parts = dict(pair.partition("=")[::2] for pair in guarded.split("&"))
    values = {name.lower(): value.replace("\0", "&") for name, value in parts.items()}
    emisor, receptor, total, uuid = (values.get(name, "") for name in ("re", "rr", "tt", "id"))
    if not (_RFC(emisor) and _RFC(receptor) and _TOTAL(total) and _UUID(uuid)):
        return None
    try:
        amount = Decimal(total)
    except InvalidOperation:
        return None
    return Expression(emisor, receptor, amount, uuid.upper(), values.get("fe", ""))
