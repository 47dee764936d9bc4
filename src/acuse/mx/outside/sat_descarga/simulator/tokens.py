"""The simulated SAT's tokens: an odd JWT with `&wrap_subject=`, signed, short-lived, of one family."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from acuse.mx.outside.sat_descarga.simulator.names import Family

_HEADER = {"alg": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "typ": "JWT"}
_JWT_LIFE_S = 600  # what the claims say; what is enforced is Limits.token_life_s
_SCHEME = "WRAP access_token="


class TokenDesk:
    """Issues and checks tokens under a key made at start."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def issue(self, family: Family, certificate_number: str, now: datetime) -> str:
        """Answer the URL-encoded text that stands in AutenticaResult."""
        subject = certificate_number.encode("ascii").hex()
        issued = int(now.timestamp())
        claims = {
            "nbf": issued,
            "exp": issued + _JWT_LIFE_S,
            "iat": issued,
            "iss": family.token_issuer,
            "actort": subject,
        }
        signed = f"{_b64(json.dumps(_HEADER).encode())}.{_b64(json.dumps(claims).encode())}"
        return f"{signed}.{self._seal(signed)}%26wrap_subject%3d{subject}"

    def holder(self, authorization: str, family: Family, now: datetime, life_s: float) -> str | None:
        """Answer the certificate number behind an Authorization header, or None when it is not good (300).

        Takes the token as it was sent out (URL-encoded) or decoded, as the SAT's own samples show it.
        """
        if not authorization.startswith(_SCHEME):
            return None
        text = unquote(authorization.removeprefix(_SCHEME).strip().strip('"'))
        jwt, _, subject = text.partition("&wrap_subject=")
        signed, _, seal = jwt.rpartition(".")
        if not hmac.compare_digest(self._seal(signed).encode(), seal.encode()):
            return None
        claims = _claims(signed)
        age = now.timestamp() - claims["nbf"]
        good = claims["iss"] == family.token_issuer and claims["actort"] == subject and -1 <= age < life_s
        return bytes.fromhex(subject).decode("ascii") if good else None

    def _seal(self, signed: str) -> str:
        return _b64(hmac.new(self._key, signed.encode(), hashlib.sha256).digest())


def _claims(signed: str) -> dict[str, Any]:
    payload = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
