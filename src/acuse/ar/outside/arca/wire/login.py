"""The login of WSAA: the request for a ticket, its envelope, and the ticket that comes back.

Source: AFIP, "WSAA, Especificación técnica" v1.2.2. Times are written with the zone of Buenos Aires; `uniqueId` is an
unsigned number of 32 bits.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from lxml import etree

from acuse.ar.outside.arca.codes import WSAA_NAMESPACE
from acuse.ar.outside.arca.errors import ArcaUnreadable
from acuse.ar.outside.arca.wire.soap import envelope, parse, texts

_ZONE: Final = timezone(timedelta(hours=-3))
_BACK: Final = timedelta(minutes=10)
"""Our clock may run ahead of WSAA's, which refuses a request from the future."""
_AHEAD: Final = timedelta(minutes=10)
_UNIQUE_ID: Final = 2**32


@dataclass(frozen=True)
class Ticket:
    """A ticket of access: its two secrets and its window."""

    token: str = field(repr=False)
    sign: str = field(repr=False)
    generated: datetime
    expires: datetime


def login_request(service: str, *, at: datetime, destination: str = "") -> bytes:
    """Write the request for a ticket (TRA). Without `destination` WSAA does not compare its own name."""
    root = etree.Element("loginTicketRequest", version="1.0")
    header = etree.SubElement(root, "header")
    values = {
        "destination": destination,
        "uniqueId": str(int(at.timestamp()) % _UNIQUE_ID),
        "generationTime": _written(at - _BACK),
        "expirationTime": _written(at + _AHEAD),
    }
    for name, value in values.items():
        if value:
            etree.SubElement(header, name).text = value
    etree.SubElement(root, "service").text = service
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def login_envelope(cms: bytes) -> bytes:
    """Write the call of loginCms around a signed request (DER)."""
    root = etree.Element(f"{{{WSAA_NAMESPACE}}}loginCms", nsmap={"wsaa": WSAA_NAMESPACE})
    etree.SubElement(root, f"{{{WSAA_NAMESPACE}}}in0").text = base64.b64encode(cms).decode("ascii")
    return envelope(root)


def read_ticket(body: bytes) -> Ticket:
    """Read the answer of loginCms: a document within the document. Raises ArcaUnreadable."""
    told = texts(parse(body), "loginCmsReturn")
    if len(told) != 1:
        raise ArcaUnreadable(problem="falta loginCmsReturn")
    answer = parse(told[0].encode())
    values = {}
    for name in ("token", "sign", "generationTime", "expirationTime"):
        found = texts(answer, name)
        if len(found) != 1 or not found[0]:
            raise ArcaUnreadable(problem=f"al ticket le falta {name}")
        values[name] = found[0]
    return Ticket(
        values["token"], values["sign"], _instant(values["generationTime"]), _instant(values["expirationTime"])
    )


def _written(at: datetime) -> str:
    return at.astimezone(_ZONE).isoformat(timespec="seconds")


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArcaUnreadable(problem="una hora del ticket no se puede leer") from error
    return (found.replace(tzinfo=_ZONE) if found.tzinfo is None else found).astimezone(UTC)
