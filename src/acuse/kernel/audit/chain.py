"""How a row is put into words and chained: canonical JSON under HMAC-SHA-256. Pure functions and the keys."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from pydantic import Field, SecretStr, field_validator

from acuse.kernel.files import Files
from acuse.kernel.keyring import KeyRing
from acuse.kernel.logs import HIDDEN
from acuse.kernel.settings import Settings, generated_secret

GENESIS: Final = bytes(32)
LEAST_DAYS: Final = 366
_JSON: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_SECRET_FIELD: Final = re.compile(
    r"(passwor[dt]|passwd|contrase(ñ|n)a|secret|secreto|token|hash|private_key|clave_privada|authorization|sello|cookie)$",
    re.IGNORECASE,
)


class AuditKeys(Settings):
    """Llaves de la bitácora."""

    audit_key: SecretStr = generated_secret(
        "Llave que encadena la bitácora: 32 bytes en base64 o hexadecimal. Varias separadas por comas: "
        "la primera escribe, todas verifican."
    )

    audit_signing_key: SecretStr = generated_secret(
        "Llave Ed25519 que firma los puntos de control de la bitácora: 32 bytes en base64 o hexadecimal. "
        "Varias separadas por comas: la primera firma, todas comprueban."
    )
    audit_checkpoint_to: str = Field(
        "",
        description="A dónde se mandan los puntos de control, separados por comas: correos y direcciones "
        "file:///ruta o s3://cubeta/prefijo fuera de este equipo.",
    )
    audit_checkpoint_events: int = Field(1000, ge=1, description="Un punto de control cada tantos registros.")
    audit_checkpoint_minutes: int = Field(
        60,
        ge=1,
        description="Un punto de control a más tardar tanto después de un registro.",
        json_schema_extra={"unit": "min"},
    )

    audit_keep_days: int = Field(
        0,
        ge=0,
        description="Días que la bitácora se conserva en la base de datos, al menos 366; lo anterior pasa a archivos "
        "firmados que se siguen verificando. Con 0 nunca sale nada.",
        json_schema_extra={"unit": "días"},
    )

    @field_validator("audit_keep_days")
    @classmethod
    def _a_year_at_least(cls, value: int) -> int:
        if 0 < value < LEAST_DAYS:
            raise ValueError(f"son al menos {LEAST_DAYS} días, o 0 para conservar todo")
        return value

    @property
    def places(self) -> tuple[str, ...]:
        """Answer where checkpoints go, as they are written: mail addresses and addresses of storages."""
        return tuple(place.strip() for place in self.audit_checkpoint_to.split(",") if place.strip())

    def stores(self) -> list[Files]:
        """Open the storages outside."""
        return [Files.from_url(place) for place in self.places if "://" in place]

    def signing_ring(self) -> KeyRing:
        """Answer the signing keys; raises Misconfigured when one cannot be read."""
        return KeyRing.parse(self.audit_signing_key.get_secret_value(), setting="AUDIT_SIGNING_KEY")

    def ring(self) -> KeyRing:
        """Answer the keys; raises Misconfigured when one cannot be read."""
        return KeyRing.parse(self.audit_key.get_secret_value(), setting="AUDIT_KEY")


def link(key: bytes, prev_hash: bytes, seq: int, words: bytes) -> bytes:
    """Answer HMAC-SHA-256(key, previous hash ‖ seq in 8 bytes ‖ the event's canonical words)."""
    return hmac.digest(key, prev_hash + seq.to_bytes(8, "big") + words, hashlib.sha256)


def canonical(event: Mapping[str, Any]) -> bytes:
    """Answer the one way to write this event: UTF-8, sorted keys, no spaces, instants in UTC with microseconds."""
    return written(as_plain(event)).encode()


def written(plain: Any) -> str:
    """Answer the one way to write what is plain already."""
    return _JSON.encode(plain)


def as_plain(value: Any) -> Any:
    """Answer the value as JSON data that reads the same after a round trip through JSONB.

    Decimal, dates, UUIDs and enums become text; fields whose name tells of a secret are dotted out.
    Raises TypeError for a float, which has no single way to be written.
    """
    if value is None or (isinstance(value, bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, str | date | Decimal | UUID | Enum):
        return _as_text(value)
    if isinstance(value, Mapping):
        return {
            clean(str(key)): HIDDEN if item is not None and _SECRET_FIELD.search(str(key)) else as_plain(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [as_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"a {type(value).__name__} cannot be audited")


def _as_text(value: str | date | Decimal | UUID | Enum) -> Any:
    if isinstance(value, Enum):
        return as_plain(value.value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("an audited instant must know its zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return clean(value.isoformat() if isinstance(value, date) else str(value))


def clean(text: str) -> str:
    """Answer the text without what PostgreSQL cannot keep: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def only_changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Leave of both sides only the fields that differ; a side that stands alone stays whole."""
    if before is None or after is None:
        return before, after
    missing = object()
    changed = [key for key in {**before, **after} if before.get(key, missing) != after.get(key, missing)]
    return (
        {key: before[key] for key in changed if key in before},
        {key: after[key] for key in changed if key in after},
    )
