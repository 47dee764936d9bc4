"""A caller of the SAT written by hand: canonical text by string building, nothing shared with our client.

It writes as several programs of the world do (`Style`), and can lie wherever a test wants it to.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from xml.sax.saxutils import escape

import httpx2
from lxml import etree

from acuse.mx.outside.sat_descarga.simulator import SatState, create_app
from acuse.pki.keypair import KeyPair

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DES = "http://DescargaMasivaTerceros.sat.gob.mx"
SIMPLE = "http://DescargaMasivaTerceros.gob.mx"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"


class Style(Enum):
    """How the signature is written: Reference URI, prefix on the wire, white space between elements."""

    PHPCFDI = ' URI=""', "", ""
    CFDICLIENT = "", "xd:", ""
    LUNASOFT = ' URI="#_0"', "", ""
    INDENTED = ' URI=""', "", "\n  "


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> etree._Element:
        return etree.fromstring(self.body, etree.XMLParser(huge_tree=True))

    @property
    def result(self) -> dict[str, str]:
        """The attributes of the element that carries the code."""
        found = [one for one in self.xml.iter() if one.get("CodEstatus") is not None]
        return {str(name): str(value) for name, value in found[0].attrib.items()}

    @property
    def code(self) -> str:
        return self.result["CodEstatus"]

    @property
    def fault(self) -> str:
        return self.xml.findtext(".//faultcode") or ""

    @property
    def packages(self) -> list[str]:
        return [one.text or "" for one in self.xml.iter(f"{{{DES}}}IdsPaquetes")]

    @property
    def paquete(self) -> bytes:
        return base64.b64decode(self.xml.findtext(f".//{{{DES}}}Paquete") or "")


class SatByHand:
    """Calls the simulated SAT in process with one e.firma; remembers its token."""

    def __init__(self, state: SatState, pair: KeyPair, *, family: str = "cfdi", style: Style = Style.PHPCFDI) -> None:
        self.state = state
        self.pair = pair
        self.family = family
        self.style = style
        self.token = ""
        transport = httpx2.ASGITransport(app=create_app(state))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://sat.test")

    async def post(self, path: str, action: str, body: str, **headers: str) -> Reply:
        sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action, **headers}
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = f'WRAP access_token="{self.token}"'
        answer = await self.http.post(f"/{self.family}/{path}", content=body.encode(), headers=sent)
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    async def authenticate(self, **changes: Any) -> Reply:
        """Ask a token and keep it."""
        reply = await self.post(
            "Autenticacion/Autenticacion.svc", f"{SIMPLE}/IAutenticacion/Autentica", self.autentica_body(**changes)
        )
        if reply.status == 200:
            self.token = reply.xml.findtext(f".//{{{SIMPLE}}}AutenticaResult") or ""
        return reply

    def autentica_body(
        self, *, created: datetime | None = None, life_s: float = 300, tamper: bool = False, fraction: str = ".000"
    ) -> str:
        created = created or self.state.now()
        expires = created + timedelta(seconds=life_s)
        times = [one.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z" for one in (created, expires)]
        inside = f"<u:Created>{times[0]}</u:Created><u:Expires>{times[1]}</u:Expires></u:Timestamp>"
        digest = sha1(f'<u:Timestamp xmlns:u="{WSU}" u:Id="_0">{inside}')
        info = signed_info(digest, ' URI="#_0"')
        signature = self.sign(info if not tamper else info + " ")
        name = f"uuid-{uuid.uuid4()}-1"
        return (
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:u="{WSU}"><s:Header><o:Security xmlns:o="{WSSE}" s:mustUnderstand="1">'
            f'<u:Timestamp u:Id="_0">{inside}<o:BinarySecurityToken u:Id="{name}" ValueType="{X509}">'
            f"{self.pair.certificate.base64}</o:BinarySecurityToken>"
            f'<Signature xmlns="{DSIG}">{inherited(info)}<SignatureValue>{signature}</SignatureValue>'
            f'<KeyInfo><o:SecurityTokenReference><o:Reference ValueType="{X509}" URI="#{name}"/>'
            f"</o:SecurityTokenReference></KeyInfo></Signature></o:Security></s:Header>"
            f'<s:Body><Autentica xmlns="{SIMPLE}"/></s:Body></s:Envelope>'
        )

    async def emitidos(self, *receptores: str, **values: str) -> Reply:
        values = {"RfcEmisor": self.rfc, "RfcSolicitante": self.rfc, **YEAR, **values}
        return await self.solicita("SolicitaDescargaEmitidos", values, receptores)

    async def recibidos(self, **values: str) -> Reply:
        values = {"RfcReceptor": self.rfc, "EstadoComprobante": "Vigente", **YEAR, **values}
        return await self.solicita("SolicitaDescargaRecibidos", values)

    async def folio(self, folio: str, **values: str) -> Reply:
        return await self.solicita("SolicitaDescargaFolio", {"Folio": folio, "RfcSolicitante": self.rfc, **values})

    async def solicita(self, name: str, values: Mapping[str, str], receptores: Sequence[str] = ()) -> Reply:
        body = self.call_body(name, "solicitud", values, receptores)
        return await self.post("SolicitaDescargaService.svc", f"{DES}/ISolicitaDescargaService/{name}", body)

    async def verifica(self, identifier: str, **values: str) -> Reply:
        name = "VerificaSolicitudDescarga"
        values = {"IdSolicitud": identifier, "RfcSolicitante": self.rfc, **values}
        return await self.post(
            "VerificaSolicitudDescargaService.svc",
            f"{DES}/IVerificaSolicitudDescargaService/{name}",
            self.call_body(name, "solicitud", values),
        )

    async def descarga(self, identifier: str, **values: str) -> Reply:
        values = {"IdPaquete": identifier, "RfcSolicitante": self.rfc, **values}
        body = self.call_body("PeticionDescargaMasivaTercerosEntrada", "peticionDescarga", values)
        action = f"{DES}/IDescargaMasivaTercerosService/Descargar"
        return await self.post("DescargaMasivaService.svc", action, body)

    def call_body(self, name: str, child: str, values: Mapping[str, str], receptores: Sequence[str] = ()) -> str:
        """Write a call whose empty values are left out and whose digest is made from text alone."""
        uri, prefix, gap = self.style.value
        kept = {key: value for key, value in sorted(values.items()) if value}
        attributes = "".join(f' {key}="{escape(value, {chr(34): "&quot;"})}"' for key, value in kept.items())
        listed = "".join(f"<des:RfcReceptor>{escape(one)}</des:RfcReceptor>" for one in receptores)
        inside = f"<des:RfcReceptores>{listed}</des:RfcReceptores>" if receptores else ""
        digest = sha1(f'<des:{name} xmlns:des="{DES}"><des:{child}{attributes}>{inside}</des:{child}></des:{name}>')
        info = signed_info(digest, uri)
        signature = self.sign(info)
        written = (
            f"<Signature>{inherited(info)}<SignatureValue>{signature}</SignatureValue><KeyInfo>"
            f"<X509Data><X509IssuerSerial><X509IssuerName>{escape(self.pair.certificate.issuer.rfc4514)}"
            f"</X509IssuerName><X509SerialNumber>{self.pair.certificate.serial_number}</X509SerialNumber>"
            f"</X509IssuerSerial><X509Certificate>{self.pair.certificate.base64}</X509Certificate></X509Data>"
            "</KeyInfo></Signature>"
        )
        if prefix:
            written = written.replace("</", "\0").replace("<", "<" + prefix).replace("\0", "</" + prefix)
            written = written.replace("<xd:Signature>", f'<xd:Signature xmlns:xd="{DSIG}">', 1)
        else:
            written = written.replace("<Signature>", f'<Signature xmlns="{DSIG}">', 1)
        return (
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:des="{DES}"><s:Header/><s:Body><des:{name}>{gap}'
            f"<des:{child}{attributes}>{gap}{inside}{gap}{written}{gap}</des:{child}>{gap}</des:{name}></s:Body>"
            "</s:Envelope>"
        )

    @property
    def rfc(self) -> str:
        return (self.pair.certificate.subject.get("2.5.4.45") or "").partition("/")[0].strip()

    def sign(self, text: str) -> str:
        return base64.b64encode(self.pair.sign_sha1(text.encode())).decode()


YEAR = {"FechaInicial": "2025-01-01T00:00:00", "FechaFinal": "2025-12-31T23:59:59", "TipoSolicitud": "CFDI"}


def sha1(text: str) -> str:
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


def signed_info(digest: str, uri: str) -> str:
    """Write SignedInfo in its canonical form, standing alone."""
    return (
        f'<SignedInfo xmlns="{DSIG}">'
        f'<CanonicalizationMethod Algorithm="{EXC}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{DSIG}rsa-sha1"></SignatureMethod><Reference{uri}><Transforms>'
        f'<Transform Algorithm="{EXC}"></Transform></Transforms><DigestMethod Algorithm="{DSIG}sha1"></DigestMethod>'
        f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    )


def inherited(info: str) -> str:
    """Drop the namespace that SignedInfo inherits on the wire."""
    return info.replace(f' xmlns="{DSIG}"', "", 1)
