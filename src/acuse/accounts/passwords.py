"""Passwords: the policy with its sentences, and argon2id off the event loop.

Imported users keep their bcrypt hash until they log in.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import bcrypt
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from acuse.accounts.common_passwords import COMMON
from acuse.accounts.errors import PasswordPolicyUnmet

T = TypeVar("T")
MAX_LENGTH: Final = 128
SPECIAL: Final = '!@#$%^&*(),.?":{}|<>'
_MIN_LENGTH: Final = {"composition": 10, "nist": 15}
_MIN_PERSONAL: Final = 4
_FEW_DIGITS: Final = 2
_BCRYPT: Final = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
_BCRYPT_BYTES: Final = 72
_LEET: Final = str.maketrans("013457@$!", "oleastasi")


@dataclass(frozen=True)
class RuleResult:
    """One rule of the policy against one password. `warning` marks an unmet rule that does not forbid."""

    code: str
    text: str
    met: bool
    warning: bool = False


@dataclass(frozen=True)
class PersonalData:
    """What must not stand inside the password."""

    tax_id: str = ""
    mail: str = ""
    name: str = ""

    def words(self) -> set[str]:
        """Answer the plain words to look for."""
        parts = [self.tax_id, self.mail.partition("@")[0], *re.split(r"\s+", self.name)]
        return {plain for part in parts if len(plain := _plain(part)) >= _MIN_PERSONAL}


@dataclass(frozen=True)
class PasswordPolicy:
    """What a new password must be. Never asked at login."""

    kind: Literal["composition", "nist"] = "composition"
    blocklist: Literal["off", "warn", "enforce"] = "enforce"

    def judge(self, password: str, about: PersonalData) -> list[RuleResult]:
        """Answer every rule with whether this password meets it, in the order people read them."""
        password = normal(password)
        least = _MIN_LENGTH[self.kind]
        results = [
            RuleResult(
                "LENGTH", f"Mínimo {least} caracteres y máximo {MAX_LENGTH}", least <= len(password) <= MAX_LENGTH
            )
        ]
        if self.kind == "composition":
            results += [
                RuleResult("UPPER", "Al menos una mayúscula", any(c.isupper() for c in password)),
                RuleResult("LOWER", "Al menos una minúscula", any(c.islower() for c in password)),
                RuleResult("DIGIT", "Al menos un número", any(c.isdecimal() for c in password)),
                RuleResult(
                    "SPECIAL", f"Al menos un carácter especial ({SPECIAL})", any(c in SPECIAL for c in password)
                ),
            ]
        plain = _plain(password)
        personal = any(word in plain for word in about.words())
        results.append(RuleResult("PERSONAL", "Sin tu CUIT, RFC o RUC, tu correo ni tu nombre", not personal))
        if self.blocklist != "off":
            common = is_common(password)
            text = "Que no sea una contraseña de las más conocidas"
            results.append(RuleResult("COMMON", text, not common, warning=common and self.blocklist == "warn"))
        return results

    def check(self, password: str, about: PersonalData, *, field: str, extra: Sequence[RuleResult] = ()) -> None:
        """Raise PasswordPolicyUnmet naming each rule that this password misses."""
        missing = [rule for rule in (*self.judge(password, about), *extra) if not rule.met and not rule.warning]
        if missing:
            told = "Falta cumplir: " + "; ".join(rule.text[0].lower() + rule.text[1:] for rule in missing) + "."
            raise PasswordPolicyUnmet(
                missing=told, rules=[{"code": rule.code, "text": rule.text} for rule in missing], fields={field: told}
            )


def normal(password: str) -> str:
    """Answer the password in the one form (NFC) in which it is judged, hashed and checked."""
    return unicodedata.normalize("NFC", password)


def is_common(password: str) -> bool:
    """Answer whether a password is a well-known word or run, perhaps dressed with digits and signs."""
    plain = _plain(password)
    bare = re.sub(r"[^a-z]", "", plain)
    unleeted = re.sub(r"[^a-z]", "", re.sub(r"[\d\W_]+$", "", plain).translate(_LEET))
    digits = re.sub(r"\D", "", plain)
    if plain in COMMON or bare in COMMON or unleeted in COMMON:
        return True
    return not bare and (
        len(set(digits)) <= _FEW_DIGITS or digits in "01234567890123456789" or digits in "98765432109876543210"
    )


def temporary_password() -> str:
    """Answer a random temporary password (74 bits) that meets every policy and can be read aloud."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ["".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3)]
    return ".".join([*groups, f"{secrets.choice('ABCDEFGHJKMNPQRSTUVWXYZ')}{secrets.choice('23456789')}"]) + "a"


class Hasher:
    """argon2id in threads, so many at once and no more: memory and cores stay for the rest."""

    def __init__(self, *, memory_kib: int, passes: int) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turn = asyncio.Semaphore(2 * (os.cpu_count() or 1))
        self._dummy = self._unopenable()

    async def hash(self, password: str) -> str:
        """Answer the encoded hash of a password."""
        return await self._run(lambda: self._argon2.hash(_bytes(password)))

    async def verify(self, encoded: str | None, password: str, *, imported: str | None = None) -> bool:
        """Answer whether the password belongs to this hash; without a hash spend the same time and say no.

        `imported` is any bcrypt hash still kept: while there is one, everybody's check costs both kinds of hash, so
        that time does not tell who has not come in since the import.
        """
        plain = _bytes(password)
        is_bcrypt = encoded is not None and is_imported(encoded)
        argon2 = self._dummy if encoded is None or is_bcrypt else encoded
        right = await self._run(lambda: self._verify(argon2, plain)) and encoded is not None and not is_bcrypt
        if is_bcrypt or imported is not None:
            known = encoded if is_bcrypt and encoded is not None else imported or ""
            right = (await self._run(lambda: _bcrypt_verify(known, plain)) and is_bcrypt) or right
        return right

    def nobodys(self) -> str:
        """Answer the hash of an account nobody has a password of yet."""
        return self._unopenable()

    def is_outdated(self, encoded: str) -> bool:
        """Answer whether a hash was made with other parameters than today's."""
        try:
            return self._argon2.check_needs_rehash(encoded)
        except InvalidHashError:
            return True

    def _verify(self, encoded: str, password: bytes) -> bool:
        try:
            return self._argon2.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(work)

    def _unopenable(self) -> str:
        """Answer a hash nobody has the password of, with today's parameters, without computing one."""
        hasher = self._argon2
        salt, digest = (base64.b64encode(secrets.token_bytes(n)).rstrip(b"=").decode() for n in (16, hasher.hash_len))
        return f"$argon2id$v={ARGON2_VERSION}$m={hasher.memory_cost},t={hasher.time_cost},p=1${salt}${digest}"


def is_known_hash(encoded: str) -> bool:
    """Answer whether a hash made elsewhere can be checked here: bcrypt or argon2id."""
    try:
        return is_imported(encoded) or extract_parameters(encoded).type is Type.ID
    except InvalidHashError:
        return False


def is_imported(encoded: str) -> bool:
    """Answer whether a hash is one of bcrypt, of a cost we would wait for."""
    return _BCRYPT.fullmatch(encoded) is not None


def _bcrypt_verify(encoded: str, password: bytes) -> bool:
    """Check as the programs that made the hash did: they read 72 bytes and no further."""
    return bcrypt.checkpw(password[:_BCRYPT_BYTES], encoded.encode("ascii"))


def _bytes(password: str) -> bytes:
    return normal(password).encode("utf-8", "surrogatepass")


def _plain(text: str) -> str:
    """Answer text without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
