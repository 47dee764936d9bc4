"""The RFC, Mexico's taxpayer id: its form, its check digit, the two generic ones.

Form: the pattern `t_RFC` of the SAT's tdCFDI.xsd. Check digit: SAT, "Integración de la clave del RFC" (IFAI
0610100162005), annex on the verifying digit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from acuse.kernel.errors import InvalidInput

_FORM = re.compile(r"[A-Z&Ñ]{3,4}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]")
RFC_PATTERN: Final = f"^{_FORM.pattern}$"
"""The form as descriptions tell it. What is read is more forgiving, see `Rfc.parse`."""
_ALPHABET = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ")}
_PERSON_LENGTH = 13
_MODULUS = 11


class InvalidRfc(InvalidInput):
    """The text has not the form of an RFC."""

    code = "INVALID_RFC_FORM"
    message = (
        "«{rfc}» no tiene la forma de un RFC. Debe llevar 12 caracteres (persona moral) o 13 (persona física), "
        "sin guiones. Revísalo contra la constancia de situación fiscal."
    )


@dataclass(frozen=True, slots=True, order=True)
class Rfc:
    """An RFC of right form, upper case, composed (NFC), without separators."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Rfc:
        """Read an RFC, forgiving case, spaces and hyphens. Raises InvalidRfc; the check digit is not asked."""
        compact = re.sub(r"[\s\-]", "", unicodedata.normalize("NFC", text)).upper()
        if not _FORM.fullmatch(compact):
            raise InvalidRfc(rfc=text[:40])
        return cls(compact)

    @property
    def is_generic(self) -> bool:
        """Answer whether it stands for the general public or for any foreigner."""
        return self in {PUBLIC, FOREIGN}

    @property
    def is_person(self) -> bool:
        """Answer whether it is a natural person's (13 characters)."""
        return len(self.text) == _PERSON_LENGTH

    @property
    def path_segment(self) -> str:
        """Answer it percent-encoded for one segment of a URL's path."""
        return quote(self.text, safe="")

    def __str__(self) -> str:
        return self.text


PUBLIC = Rfc("XAXX010101000")
FOREIGN = Rfc("XEXX010101000")


def check_digit(body: str) -> str:
    """Answer the check digit of an RFC given without it (11 characters of a company, 12 of a person)."""
    padded = body.rjust(_PERSON_LENGTH - 1)
    total = sum(_ALPHABET[letter] * (_PERSON_LENGTH - place) for place, letter in enumerate(padded))
    digit = -total % _MODULUS
    return "A" if digit == _MODULUS - 1 else str(digit)
