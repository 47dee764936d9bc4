"""Reads the answer of Descargar piece by piece: its text may be far larger than a parser likes.

The status stands in the SOAP header, the package as one base64 text in the body. It is decoded while it
is read, so that beyond the answer and the package nothing of their size is ever held.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field
from xml.parsers import expat

from acuse.mx.outside.sat_descarga.errors import SatUnreadable
from acuse.mx.outside.sat_descarga.wire.operations import DESCARGA_NAMESPACE
from acuse.mx.outside.sat_descarga.wire.replies import Estatus

_SLICE = 1 << 18
_RESPUESTA = f"{DESCARGA_NAMESPACE} respuesta"
_PAQUETE = f"{DESCARGA_NAMESPACE} Paquete"


@dataclass(frozen=True)
class DescargaReply:
    """The status of the call and the ZIP as the SAT sent it; without bytes when it was refused."""

    estatus: Estatus
    content: bytes = field(repr=False)


def read_descarga(body: bytes) -> DescargaReply:
    """Read status and package. Raises SatUnreadable, also for base64 that ends early."""
    reader = _Reader()
    try:
        view = memoryview(body)
        for start in range(0, len(body), _SLICE):
            reader.feed(bytes(view[start : start + _SLICE]))
        return reader.finish()
    except expat.ExpatError as error:
        raise SatUnreadable(problem="no es XML o llegó incompleto") from error
    except binascii.Error as error:
        raise SatUnreadable(problem="el paquete no es base64") from error


class _Reader:
    """Follows the two elements that matter; everything else passes by."""

    def __init__(self) -> None:
        self._estatus: Estatus | None = None
        self._inside = False
        self._pending = ""
        self._content = bytearray()
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = _SLICE
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    def feed(self, piece: bytes) -> None:
        self._parser.Parse(piece, False)

    def finish(self) -> DescargaReply:
        self._parser.Parse(b"", True)
        if self._estatus is None:
            raise SatUnreadable(problem="falta respuesta con CodEstatus")
        return DescargaReply(self._estatus, bytes(self._content))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _RESPUESTA:
            number = attributes.get("CodEstatus", "").strip()
            if not number.isascii() or not number.isdigit():
                raise SatUnreadable(problem="CodEstatus no es un número")
            self._estatus = Estatus(int(number), attributes.get("Mensaje", "").strip())
        self._inside = name == _PAQUETE

    def _end(self, name: str) -> None:
        if name == _PAQUETE and self._pending:
            raise SatUnreadable(problem="el paquete llegó incompleto")
        self._inside = False

    def _text(self, text: str) -> None:
        if not self._inside:
            return
        whole = self._pending + "".join(text.split())
        ready = len(whole) - len(whole) % 4
        self._pending = whole[ready:]
        self._content += binascii.a2b_base64(whole[:ready], strict_mode=True)

    def _doctype(self, *_: object) -> None:
        raise SatUnreadable(problem="trae una DTD")
