"""The CUIT, Argentina's taxpayer id: form, check digit, types.

Check digit: AFIP, RG (DGI) 3986 and its practice: weights 5 4 3 2 7 6 5 4 3 2, modulus 11. When the rule gives 10
the number does not exist under its type and is issued under another (20 and 27 become 23, 30 becomes 33).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from acuse.kernel.errors import InvalidInput

_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS: Final = 11
_NOISE: Final = re.compile(r"[\s\-.]")
_FORM: Final = re.compile(r"[0-9]{11}")


class InvalidCuit(InvalidInput):
    """The text has not the form of a CUIT, or its check digit is another."""

    code = "INVALID_CUIT"
    message = (
        "«{cuit}» no es un CUIT: deben ser 11 dígitos y el último, el verificador, no coincide o falta. "
        "Revísalo contra la constancia de inscripción."
    )


@dataclass(frozen=True, slots=True, order=True)
class Cuit:
    """A CUIT of 11 digits whose check digit is right."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Cuit:
        """Read a CUIT, forgiving spaces, dots and hyphens. Raises InvalidCuit."""
        digits = _NOISE.sub("", text)
        if not _FORM.fullmatch(digits) or check_digit(digits[:10]) != digits[10]:
            raise InvalidCuit(cuit=text[:40])
        return cls(digits)

    def __str__(self) -> str:
        return formatted(self.digits)


def check_digit(body: str) -> str | None:
    """Answer the check digit of the first ten digits; None where no number exists under this type."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    digit = -total % _MODULUS
    return None if digit == _MODULUS - 1 else str(digit)


def formatted(digits: str) -> str:
    """Answer 11 digits as people write them, `NN-NNNNNNNN-N`; anything else as it stands."""
    return f"{digits[:2]}-{digits[2:10]}-{digits[10]}" if _FORM.fullmatch(digits) else digits


def tax_id_problem(tax_id: str, country: str) -> str | None:
    """Answer what is wrong with a new user's CUIT, for the check of tax ids; None for other countries' ids."""
    if country != "ar" or not _FORM.fullmatch(tax_id):
        return None
    try:
        Cuit.parse(tax_id)
    except InvalidCuit as fault:
        return fault.text
    return None
