"""XML signatures as the SAT's service takes them: RSA-SHA1 over exclusive canonical text.

The digest is taken over the operation element without its Signature although `Reference URI=""`
formally names the whole document: that is what the service checks (the reading of
phpcfdi/sat-ws-descarga-masiva, proven with v1.5). SHA-1 is the service's own demand.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

from acuse.mx.outside.sat_descarga.wire.canonical import element, text
from acuse.pki.keypair import KeyPair

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA1 = f"{XMLDSIG}rsa-sha1"
SHA1 = f"{XMLDSIG}sha1"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def digest(canonical: str) -> str:
    """Answer the base64 SHA-1 of canonical text."""
    return b64encode(hashlib.sha1(canonical.encode(), usedforsecurity=False).digest()).decode()


def signature(canonical: str, *, reference: str, key_info: str, efirma: KeyPair) -> str:
    """Write the Signature element over this canonical text.

    `reference` is the Reference's URI as sent; `key_info` the canonical content of KeyInfo.
    """
    content = (
        element("CanonicalizationMethod", {"Algorithm": EXCLUSIVE_C14N}),
        element("SignatureMethod", {"Algorithm": RSA_SHA1}),
        f'<Reference URI="{reference}">'
        + element("Transforms", {}, element("Transform", {"Algorithm": EXCLUSIVE_C14N}))
        + element("DigestMethod", {"Algorithm": SHA1})
        + element("DigestValue", {}, digest(canonical))
        + "</Reference>",
    )
    signed = element("SignedInfo", {"xmlns": XMLDSIG}, *content)
    value = b64encode(efirma.sign_sha1(signed.encode())).decode()
    return element(
        "Signature",
        {"xmlns": XMLDSIG},
        element("SignedInfo", {}, *content),
        element("SignatureValue", {}, value),
        element("KeyInfo", {}, key_info),
    )


def x509_key_info(efirma: KeyPair) -> str:
    """Write who signed: issuer, serial as a decimal integer, and the certificate."""
    certificate = efirma.certificate
    return element(
        "X509Data",
        {},
        element(
            "X509IssuerSerial",
            {},
            element("X509IssuerName", {}, text(_NOT_XML.sub(" ", certificate.issuer.rfc4514))),
            element("X509SerialNumber", {}, str(certificate.serial_number)),
        ),
        element("X509Certificate", {}, b64encode(certificate.der).decode()),
    )
