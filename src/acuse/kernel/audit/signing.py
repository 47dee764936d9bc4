"""Signs documents with the Ed25519 keys of the audit: one line of canonical JSON that bears key and signature."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from acuse.kernel.audit.chain import canonical
from acuse.kernel.keyring import KeyRing


class Signer:
    """The first key signs, all of them verify."""

    def __init__(self, ring: KeyRing) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(ring.current_key)
        self._known = [Ed25519PrivateKey.from_private_bytes(key).public_key() for key in ring.keys.values()]

    def sign(self, told: Mapping[str, Any]) -> str:
        """Answer the signed line of a document (RFC 8032 over canonical JSON, the public key included)."""
        whole = {**told, "key": self._key.public_key().public_bytes_raw().hex()}
        signature = base64.b64encode(self._key.sign(canonical(whole))).decode()
        return canonical(whole | {"signature": signature}).decode()

    def read(self, line: str) -> dict[str, Any] | None:
        """Answer the document a line holds, without its signature; None unless one of our keys signed exactly this."""
        try:
            told: dict[str, Any] = json.loads(line.strip())
            signature = base64.b64decode(told.pop("signature"), validate=True)
            words = canonical(told)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
            return None
        return told if any(_verifies(key, signature, words) for key in self._known) else None


def _verifies(key: Ed25519PublicKey, signature: bytes, words: bytes) -> bool:
    try:
        key.verify(signature, words)
    except InvalidSignature:
        return False
    return True
