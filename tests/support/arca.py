"""The simulated ARCA with one company it serves, and what a device brings to its alta."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from acuse.ar.certificates.company import CompanyLookalikeCa
from acuse.ar.controladores import ControladorId
from acuse.ar.outside.arca.client import ArcaSettings
from acuse.ar.outside.arca.simulator import ArcaState
from acuse.kernel.clock import MovableClock
from acuse.pki.keypair import KeyPair
from acuse.pki.private_key import PrivateKey
from tests.support.controladores import DEVICE, NOW, afip

ORIGIN = "https://arca.test"
CUIT = "30710955057"
DEVICE_ID = ControladorId.parse(DEVICE)
SETTINGS = ArcaSettings(
    arca_wsaa_url=f"{ORIGIN}/ws/services/LoginCms",
    arca_arbccf_url=f"{ORIGIN}/controladores-fiscales-ws/CertificadosService/CertificadosBean",
)


@cache
def company_ca() -> CompanyLookalikeCa:
    """The authority of web-service certificates of this run."""
    return CompanyLookalikeCa.create(NOW)


@cache
def a_company(cuit: str = CUIT, *, age_days: int = 30, life_days: int = 730) -> KeyPair:
    """A company's certificate and key, valid around NOW."""
    since = NOW - timedelta(days=age_days)
    return company_ca().issue(cuit, since=since, until=since + timedelta(days=life_days), key=_company_key())


@cache
def _company_key() -> PrivateKey:
    return PrivateKey.generate()


@cache
def a_request(bits: int = 1024) -> bytes:
    """The PKCS#10 (DER) a device makes; its name is of no account."""
    key = generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cualquiera")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def an_arca(at: datetime = NOW) -> ArcaState:
    """A simulated ARCA that serves the company and knows no device yet."""
    return ArcaState(ca=afip(), trusted=company_ca().authority.certificate, clock=MovableClock(at), cuits={CUIT})
