"""How a check inside the simulated ARCA says no. Caught at the door, never seen outside."""

from __future__ import annotations

from acuse.ar.outside.arca.codes import ArbccfFault, WsaaFault
from acuse.kernel.errors import Refused


class SimulatedArcaRefusal(Refused):
    """The simulated ARCA refuses a call with a fault's official `name` and `words`."""

    code = "SIMULATED_ARCA_REFUSAL"
    message = "El simulador de ARCA rechazó la llamada: {name} {words}."

    @property
    def name(self) -> str:
        """Answer the official name."""
        return str(self.details["name"])

    @property
    def words(self) -> str:
        """Answer the words."""
        return str(self.details["words"])


def refused(fault: WsaaFault | ArbccfFault, words: str = "") -> SimulatedArcaRefusal:
    """Make the refusal with this fault, in ARCA's words unless others are given."""
    return SimulatedArcaRefusal(name=fault.value, words=words or fault.words)
