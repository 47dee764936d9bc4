"""One-time codes from a clock and a shared secret, and the codes for when the clock is lost. No I/O.

Sources: RFC 6238 (TOTP; SHA-1, 30 seconds, 6 digits, which every authenticator app knows), RFC 4226 (HOTP, truncation);
the address in the QR: github.com/google/google-authenticator/wiki/Key-Uri-Format.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
RECOVERY_CODES: Final = 10
_SECRET_BYTES: Final = 20
_DRIFT_STEPS: Final = 1
_CODE_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_CODE_LETTERS: Final = 16
_CODE_GROUP: Final = 4


def new_secret() -> bytes:
    """Answer a secret as long as the hash it feeds (RFC 4226, 4)."""
    return secrets.token_bytes(_SECRET_BYTES)


def step_at(now: datetime) -> int:
    """Answer the number of the half minute."""
    return int(now.timestamp()) // STEP_S


def code_of(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Answer the code of one half minute."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Answer the half minute a code belongs to, one before and one after the present allowed; None for a wrong one."""
    present = step_at(now)
    steps = range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1)
    right = [step for step in steps if hmac.compare_digest(code_of(secret, step).encode(), code.encode())]
    return right[-1] if right else None


def is_code(text: str) -> bool:
    """Answer whether this looks like a code of the clock rather than a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdecimal()


def typed(text: str) -> str:
    """Answer a code as it is compared: without the spaces and hyphens people write, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def readable(secret: bytes) -> str:
    """Answer the secret as people type it into an app: base32 in groups of four."""
    return _grouped(_base32(secret))


def address(secret: bytes, account: str, issuer: str = "Acuse") -> str:
    """Answer the otpauth address that apps read from a QR code."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?" + urlencode({"secret": _base32(secret), "issuer": issuer})


def recovery_codes() -> list[str]:
    """Answer fresh recovery codes, about 78 random bits each, in letters that are not mistaken for one another."""
    return [
        _grouped("".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LETTERS))) for _ in range(RECOVERY_CODES)
    ]


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def _grouped(text: str) -> str:
    return "-".join(text[at : at + _CODE_GROUP] for at in range(0, len(text), _CODE_GROUP))
