"""AES-256-GCM envelopes: each record has its own data key, wrapped by the master key and bound to its place."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from acuse.kernel.keyring import KEY_BYTES, KeyRing
from acuse.kernel.settings import Settings, generated_secret
from acuse.kernel.vault.errors import VaultDamaged, VaultKeyMissing
from acuse.kernel.vault.sealed import Opened, Sealed

MAGIC: Final = b"ACV1"
_NONCE: Final = 12
_TAG: Final = 16
_WRAPPED: Final = KEY_BYTES + _TAG


class VaultKeys(Settings):
    """Llave de la bóveda."""

    vault_key: SecretStr = generated_secret(
        "Llave maestra de la bóveda: 32 bytes en base64 o hexadecimal. Varias separadas por comas: la primera cierra, "
        "las demás solo abren. También VAULT_KEY_FILE."
    )

    def ring(self) -> KeyRing:
        """Answer the keys; raises Misconfigured when one cannot be read."""
        return KeyRing.parse(self.vault_key.get_secret_value(), setting="VAULT_KEY")


@dataclass(frozen=True)
class _Place:
    """Where a sealed value lives. It is authenticated, so that moving an envelope elsewhere breaks it."""

    table: str
    column: str
    row: str

    def bound(self, purpose: bytes) -> bytes:
        """Answer the associated data: each part behind its length, so that no two places read alike."""
        parts = [purpose, *(part.encode() for part in (self.table, self.column, self.row))]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True)
class _Envelope:
    key_id: str
    wrap_nonce: bytes
    wrapped: bytes
    body: bytes  # nonce, ciphertext and tag

    def pack(self) -> Sealed:
        return Sealed(envelope_header(self.key_id) + self.wrap_nonce + self.wrapped + self.body)

    @classmethod
    def unpack(cls, sealed: bytes) -> _Envelope | None:
        start = len(MAGIC) + 1
        if sealed[: len(MAGIC)] != MAGIC or len(sealed) < start:
            return None
        wrap_at = start + sealed[start - 1]
        wrapped_at = wrap_at + _NONCE
        body_at = wrapped_at + _WRAPPED
        if len(sealed) < body_at + _NONCE + _TAG:
            return None
        try:
            key_id = bytes(sealed[start:wrap_at]).decode("ascii")
        except UnicodeDecodeError:
            return None
        return cls(
            key_id, bytes(sealed[wrap_at:wrapped_at]), bytes(sealed[wrapped_at:body_at]), bytes(sealed[body_at:])
        )


class Vault:
    """Seals and opens. The table, column and row given at opening must be those of sealing."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    @property
    def current_key_id(self) -> str:
        """Answer the name of the master key new envelopes are wrapped under."""
        return self._keys.current

    @property
    def key_ids(self) -> frozenset[str]:
        """Answer the names of all master keys, which open what they once wrapped."""
        return frozenset(self._keys.keys)

    def seal(self, plain: bytes, *, table: str, column: str, row: str) -> Sealed:
        """Answer an envelope: version, key id, wrapped data key, nonce, ciphertext. Each call differs."""
        place = _Place(table, column, row)
        data_key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(_NONCE)
        body = nonce + AESGCM(data_key).encrypt(nonce, bytes(plain), place.bound(b"data"))
        return self._wrap(data_key, body, place).pack()

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> Opened:
        """Answer the plain bytes, which print as dots.

        Raises VaultDamaged when anything was changed or stands in another place, VaultKeyMissing when the
        master key is not among ours.
        """
        place = _Place(table, column, row)
        envelope = self._read(sealed, place)
        data_key = self._unwrap(envelope, place)
        try:
            plain = AESGCM(data_key).decrypt(envelope.body[:_NONCE], envelope.body[_NONCE:], place.bound(b"data"))
        except InvalidTag as error:
            raise VaultDamaged(table=table, column=column) from error
        return Opened(plain)

    def rewrap(self, sealed: bytes, *, table: str, column: str, row: str) -> Sealed:
        """Answer the same envelope with its data key under the current master key; the content is not opened."""
        place = _Place(table, column, row)
        envelope = self._read(sealed, place)
        return self._wrap(self._unwrap(envelope, place), envelope.body, place).pack()

    def _wrap(self, data_key: bytes, body: bytes, place: _Place) -> _Envelope:
        nonce = secrets.token_bytes(_NONCE)
        wrapped = AESGCM(self._keys.current_key).encrypt(nonce, data_key, place.bound(b"key"))
        return _Envelope(self._keys.current, nonce, wrapped, body)

    def _unwrap(self, envelope: _Envelope, place: _Place) -> bytes:
        master = self._keys.keys.get(envelope.key_id)
        if master is None:
            raise VaultKeyMissing(key_id=envelope.key_id, table=place.table, column=place.column)
        try:
            return AESGCM(master).decrypt(envelope.wrap_nonce, envelope.wrapped, place.bound(b"key"))
        except InvalidTag as error:
            raise VaultDamaged(table=place.table, column=place.column) from error

    @staticmethod
    def _read(sealed: bytes, place: _Place) -> _Envelope:
        envelope = _Envelope.unpack(sealed)
        if envelope is None:
            raise VaultDamaged(table=place.table, column=place.column)
        return envelope


def envelope_header(key_id: str) -> bytes:
    """Answer how every envelope under this master key begins."""
    name = key_id.encode("ascii")
    return MAGIC + len(name).to_bytes(1, "big") + name


def first_start_message(key_file: Path) -> str:
    """Answer what a person must hear once, when the master key has just been made."""
    return (
        f"Se creó la llave de la bóveda en {key_file}.\n"
        "Con ella se protegen las e.firmas, los certificados y los tokens guardados. Si la pierdes, nadie podrá "
        "abrirlos y habrá que volver a cargarlos; quien la tenga junto con la base de datos podrá leerlos.\n"
        "Haz ahora una copia y guárdala fuera de este equipo, separada de los respaldos de la base de datos."
    )
