"""Switches: what the simulated SAT shall do wrong, how often, and where."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from acuse.mx.outside.sat_descarga.simulator.names import Operation
from acuse.mx.outside.sat_descarga.simulator.quirks import MetadataQuirk, XmlQuirk

ANY = "*"
_OPERATIONS = {operation.label for operation in Operation} | {ANY}


class SoapFault(StrEnum):
    """The SOAP faults the real service answers with HTTP 500."""

    INVALID_SECURITY = "invalid_security"
    ACTION_NOT_SUPPORTED = "action_not_supported"
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The next `times` calls of an operation go wrong in the ways that are set; several may be set together.

    With `after` the call is carried out first and only its answer is replaced or stalled: the caller never learns what
    was done.
    """

    operation: str = ANY
    times: int = 1
    code: int | None = None
    """CodEstatus to answer."""
    message: str = ""
    fault: SoapFault | None = None
    status: int | None = None
    """HTTP status to answer, with an HTML page as body."""
    delay_s: float = 0
    stall: bool = False
    """Let the call stand until the switches are put right; it is carried out then, or with `after` has been."""
    truncate: bool = False
    """Send only half of the answer."""
    garbage: bool = False
    """Send bytes that are no XML, with status 200."""
    broken_zip: bool = False
    """Put a cut ZIP in an otherwise sound answer of Descargar."""
    gzip: bool = False
    """Compress though nobody asked."""
    after: bool = False

    def __post_init__(self) -> None:
        if self.operation not in _OPERATIONS:
            raise ValueError(f"operation debe ser una de: {', '.join(sorted(_OPERATIONS))}")
        if self.times < 1 or self.delay_s < 0:
            raise ValueError("times debe ser al menos 1, y delay_s no menor que cero")

    @property
    def replaces_answer(self) -> bool:
        """Tell whether the answer is another than the true one."""
        return any((self.code is not None, self.fault, self.status is not None, self.garbage))

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The next `times` solicitudes end like this. EstadoSolicitud 1 holds them until released."""

    estado: int
    codigo: int = 5000
    cod_estatus: int = 5000
    numero: int | None = None
    """NumeroCFDIs to answer in place of the true number, as 0 with packages present."""
    times: int = 1

    def __post_init__(self) -> None:
        if self.times < 1:
            raise ValueError("times debe ser al menos 1")

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self)


class Switches:
    """The faults, outcomes and quirks that are set now. Each is spent in the order it was set."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.outcomes: list[Outcome] = []
        self.xml_quirks: frozenset[XmlQuirk] = frozenset()
        self.metadata_quirks: frozenset[MetadataQuirk] = frozenset()
        self._stalled: list[asyncio.Event] = []

    @property
    def stalled(self) -> int:
        """Answer how many calls stand and wait."""
        return len(self._stalled)

    async def stall(self) -> None:
        """Stand until everything is put right."""
        gate = asyncio.Event()
        self._stalled.append(gate)
        await gate.wait()

    def fail(self, *faults: Fault) -> None:
        """Set faults."""
        self.faults.extend(faults)

    def end_next(self, *outcomes: Outcome) -> None:
        """Set how the next solicitudes end."""
        self.outcomes.extend(outcomes)

    def set_quirks(self, quirks: Iterable[XmlQuirk | MetadataQuirk]) -> None:
        """Set exactly these quirks for the packages built from now on."""
        chosen = list(quirks)
        self.xml_quirks = frozenset(one for one in chosen if isinstance(one, XmlQuirk))
        self.metadata_quirks = frozenset(one for one in chosen if isinstance(one, MetadataQuirk))

    def take_fault(self, operation: Operation) -> Fault | None:
        """Spend and answer the first fault set for this operation, or None."""
        for place, fault in enumerate(self.faults):
            if fault.operation in {operation.label, ANY}:
                self.faults[place : place + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                return fault
        return None

    def take_outcome(self) -> Outcome | None:
        """Spend and answer the first outcome set, or None."""
        if not self.outcomes:
            return None
        outcome = self.outcomes[0]
        self.outcomes[:1] = [replace(outcome, times=outcome.times - 1)] if outcome.times > 1 else []
        return outcome

    def clear(self) -> None:
        """Put everything right again, and let go on what stands."""
        while self._stalled:
            self._stalled.pop().set()
        self.faults.clear()
        self.outcomes.clear()
        self.set_quirks(())
