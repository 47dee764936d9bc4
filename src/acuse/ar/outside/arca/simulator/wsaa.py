"""The desk of WSAA: looks at a request for a ticket and gives one, or says why not."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from acuse.ar.outside.arca.codes import WsaaFault
from acuse.ar.outside.arca.simulator.proof import Opened, open_proof
from acuse.ar.outside.arca.simulator.refusals import refused
from acuse.ar.outside.arca.simulator.state import TICKET_LIFE, ArcaState, Granted
from acuse.pki import names

_NAMESPACE: Final = "http://wsaa.view.sua.dvadac.desein.afip.gov"
_ZONE: Final = timezone(timedelta(hours=-3))
_DAY: Final = timedelta(hours=24)
_MOST_ID: Final = 2**32 - 1
_ANSWER: Final = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<loginTicketResponse version="1.0">
    <header>
        <source>CN=wsaahomo, O=AFIP, C=AR, SERIALNUMBER=CUIT 33693450239</source>
        <destination>{subject}</destination>
        <uniqueId>{unique}</uniqueId>
        <generationTime>{since}</generationTime>
        <expirationTime>{until}</expirationTime>
    </header>
    <credentials>
        <token>{token}</token>
        <sign>{sign}</sign>
    </credentials>
</loginTicketResponse>
"""


@dataclass(frozen=True)
class _Wish:
    service: str
    generated: datetime
    expires: datetime


def login(state: ArcaState, root: etree._Element | None) -> str:
    """Answer the ticket document for a loginCms envelope. Raises SimulatedArcaRefusal."""
    if root is None:
        raise refused(WsaaFault.XML_BAD)
    sent = root.findtext(f".//{{{_NAMESPACE}}}loginCms/{{{_NAMESPACE}}}in0") or ""
    try:
        cms = base64.b64decode("".join(sent.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused(WsaaFault.CMS_BASE64) from error
    now = state.now()
    opened = open_proof(cms, trusted=state.trusted, at=now)
    wish = _wish(opened.text)
    _in_time(wish, now)
    if wish.service not in state.services:
        raise refused(WsaaFault.SERVICE_NOT_FOUND)
    subject = opened.certificate.subject.rfc4514
    cuit = (opened.certificate.subject.get(names.SERIAL_NUMBER) or "").removeprefix("CUIT ")
    if cuit not in state.cuits:
        raise refused(WsaaFault.NOT_AUTHORIZED)
    state.tickets = [one for one in state.tickets if one.is_valid_at(now)]
    if any((one.subject, one.service) == (subject, wish.service) for one in state.tickets):
        raise refused(WsaaFault.ALREADY_AUTHENTICATED)
    return _grant(state, opened, cuit, wish.service, now)


def _wish(text: bytes) -> _Wish:
    """Read the request by its schema: version, then header with id and times, then service."""
    try:
        root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        unique = int(root.findtext("header/uniqueId") or "")
        generated, expires = (
            datetime.fromisoformat((root.findtext(f"header/{name}") or "").strip())
            for name in ("generationTime", "expirationTime")
        )
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refused(WsaaFault.XML_BAD) from error
    order = [each.tag for each in root]
    sound = root.tag == "loginTicketRequest" and root.get("version") == "1.0" and order == ["header", "service"]
    if not sound or not 0 <= unique <= _MOST_ID or generated.tzinfo is None or expires.tzinfo is None:
        raise refused(WsaaFault.XML_BAD)
    return _Wish((root.findtext("service") or "").strip(), generated, expires)


def _in_time(wish: _Wish, now: datetime) -> None:
    if wish.generated > now or now - wish.generated > _DAY:
        raise refused(WsaaFault.GENERATION_TIME)
    if wish.expires <= now:
        raise refused(WsaaFault.EXPIRED)
    if wish.expires - now > _DAY:
        raise refused(WsaaFault.EXPIRATION_TIME)


def _grant(state: ArcaState, opened: Opened, cuit: str, service: str, now: datetime) -> str:
    subject, until = opened.certificate.subject.rfc4514, now + TICKET_LIFE
    sso = f'<sso version="2.0"><login service="{service}" uid="{cuit}"/>{secrets.token_hex(16)}</sso>'
    token = base64.b64encode(sso.encode()).decode()
    sign = base64.b64encode(hashlib.sha256(secrets.token_bytes(32) + token.encode()).digest()).decode()
    state.tickets.append(Granted(subject, cuit, service, token, sign, until.isoformat()))
    state.remember()
    return _ANSWER.format(
        subject=escape(subject),
        unique=secrets.randbelow(_MOST_ID),
        since=now.astimezone(_ZONE).isoformat(timespec="milliseconds"),
        until=until.astimezone(_ZONE).isoformat(timespec="milliseconds"),
        token=token,
        sign=sign,
    )
