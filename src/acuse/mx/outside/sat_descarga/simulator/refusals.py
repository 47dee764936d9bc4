"""How a check inside the simulated SAT says no. Caught at the desk, never seen outside."""

from __future__ import annotations

from acuse.kernel.errors import Refused
from acuse.mx.outside.sat_descarga.codes import CodEstatus


class CallRefused(Refused):
    """The simulated SAT refuses a call with a CodEstatus (`number`) and its Mensaje (`words`)."""

    code = "SIMULATED_REFUSAL"
    message = "El SAT simulado rechazó la llamada: {number} {words}."

    @property
    def number(self) -> int:
        """Answer the CodEstatus."""
        return int(self.details["number"])

    @property
    def words(self) -> str:
        """Answer the Mensaje."""
        return str(self.details["words"])


class ValueOutsideEnumeration(Refused):
    """A value the WSDL does not list: the real service answers an internal fault, not a code."""

    code = "SIMULATED_INTERNAL_FAULT"
    message = "El SAT simulado no conoce el valor de {name} y responde una falla interna."


def refused(code: CodEstatus, words: str = "") -> CallRefused:
    """Make the refusal with this code, in the words its answers are known to carry unless others are given."""
    return CallRefused(number=code.number, words=words or code.sent)


def malformed(tail: str = "") -> CallRefused:
    """Make a 301 refusal; with a tail its message ends with this sentence, as the real one's does."""
    lead = "XML Mal Formado:La solicitud de descarga no es válida. "
    return refused(CodEstatus.XML_MAL_FORMADO, lead + tail if tail else "")
