"""Several versions of one secret key: the first is used for new things, the others still open old ones."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from acuse.kernel.errors import Misconfigured

_HEX_32: Final = re.compile(r"[0-9a-fA-F]{64}")
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")
KEY_BYTES: Final = 32


@dataclass(frozen=True)
class KeyRing:
    """Keys of 32 bytes by id. `current` names the one for new things."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, setting: str) -> KeyRing:
        """Read `key` or `id:key`, several separated by commas, the first being current.

        A key is 32 bytes in base64 or hexadecimal. Without an id the key's own fingerprint names it, so
        that order and additions change nothing. Raises Misconfigured naming the setting, never the key.
        """
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            name, _, written = entry.rpartition(":")
            key = _decode(written)
            if key is None:
                raise Misconfigured(problem=f"{setting}: cada llave debe ser de 32 bytes en base64 o hexadecimal.")
            name = name or fingerprint(key)
            if not _ID.fullmatch(name):
                raise Misconfigured(problem=f"{setting}: el nombre de una llave lleva letras, números, punto o guion.")
            if keys.setdefault(name, key) != key:
                raise Misconfigured(problem=f"{setting}: dos llaves distintas llevan el nombre {name}.")
        if not keys:
            raise Misconfigured(problem=f"{setting}: falta la llave.")
        return cls(current=next(iter(keys)), keys=MappingProxyType(keys))

    @property
    def current_key(self) -> bytes:
        """Answer the key for new things."""
        return self.keys[self.current]


def fingerprint(key: bytes) -> str:
    """Answer a short name for a key that gives nothing of it away."""
    return hashlib.sha256(b"acuse key id|" + key).hexdigest()[:12]


def _decode(written: str) -> bytes | None:
    """Answer the 32 bytes, or None when the text is something else."""
    if _HEX_32.fullmatch(written):
        return bytes.fromhex(written)
    try:
        key = base64.b64decode(written.replace("-", "+").replace("_", "/") + "=" * (-len(written) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
