"""The identity of a fiscal controller: fabricante, marca, modelo and serial, 16 characters in all.

Source: AFIP, "ARBCCF, Manual para el desarrollador" v0.3.0 (2014-06-24): 2 + 2 + 2 letters or digits, then the
serial as 10 digits. Joined they are the common name of the device's certificate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from acuse.kernel.errors import InvalidInput

_LONG: Final = re.compile(r"([A-Z0-9]{2})([A-Z0-9]{2})([A-Z0-9]{2})([0-9]{10})")
_SHORT: Final = re.compile(r"(?=.*[A-Z])([A-Z0-9]{2})([A-Z0-9]{2})([A-Z0-9]{2})([0-9]{1,9})")
_APART: Final = re.compile(r"([A-Z0-9]{2})[\W_]*([A-Z0-9]{2})[\W_]*([A-Z0-9]{2})[\W_]+([0-9]{1,10})")
_PAIR: Final = re.compile(r"[A-Z0-9]{2}")
_SERIAL: Final = re.compile(r"[0-9]{1,10}")
_SEPARATORS: Final = re.compile(r"[\W_]+")
_SERIAL_DIGITS: Final = 10


class InvalidControlador(InvalidInput):
    """The text names no fiscal controller in any form we know."""

    code = "INVALID_CONTROLADOR"
    message = (
        "«{text}» no identifica un controlador fiscal. Escribe los 16 caracteres de la etiqueta "
        "(fabricante, marca, modelo y número de serie), como SESHIA0000001371."
    )


@dataclass(frozen=True, slots=True, order=True)
class ControladorId:
    """One device. The serial is unique only within fabricante, marca and modelo."""

    fabricante: str
    marca: str
    modelo: str
    numero_serie: str

    @classmethod
    def of(cls, fabricante: str, marca: str, modelo: str, numero_serie: str) -> ControladorId:
        """Make it of its typed parts: any case, a serial of 1 to 10 digits. Raises InvalidControlador."""
        letters = [part.strip().upper() for part in (fabricante, marca, modelo)]
        serial = numero_serie.strip()
        if not all(_PAIR.fullmatch(part) for part in letters) or not _SERIAL.fullmatch(serial):
            raise InvalidControlador(text=f"{fabricante}{marca}{modelo}{numero_serie}"[:40])
        return cls(letters[0], letters[1], letters[2], serial.zfill(_SERIAL_DIGITS))

    @classmethod
    def parse(cls, text: str) -> ControladorId:
        """Read any of its forms: `SESHIA0000001371`, `seshia-1371`, `SE SH IA 1371`. Raises InvalidControlador."""
        typed = text.strip().upper()
        found = (
            _LONG.fullmatch(_SEPARATORS.sub("", typed))
            or _APART.fullmatch(typed)
            or _SHORT.fullmatch(_SEPARATORS.sub("", typed))
        )
        if found is None or not typed.isascii():
            raise InvalidControlador(text=text[:40])
        return cls.of(*found.groups())

    @property
    def homologation(self) -> str:
        """Answer the six characters under which AFIP homologated the model."""
        return f"{self.fabricante}{self.marca}{self.modelo}"

    def __str__(self) -> str:
        return f"{self.homologation}{self.numero_serie}"


def search_key(text: str) -> str:
    """Answer the text as ids are searched: upper case, without separators; a whole id in its one form."""
    try:
        return str(ControladorId.parse(text))
    except InvalidControlador:
        return _SEPARATORS.sub("", text.upper())
