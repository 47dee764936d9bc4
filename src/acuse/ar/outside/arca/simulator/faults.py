"""Switches: what the simulated ARCA shall do wrong, how often, and where."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from acuse.ar.outside.arca.codes import ArbccfFault, WsaaFault

ANY: Final = "*"
LOGIN: Final = "loginCms"
OPERATIONS: Final = ("altaCriptografica", "renovarCertificado", "bajaCriptografica")
_NAMES: Final = {each.value for each in (*ArbccfFault, *WsaaFault)}


class Place(StrEnum):
    """Where a fault of ARBCCF bears its name: the manual does not say, programs have met all three."""

    DETAIL = "detail"
    CODE = "code"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The next `times` calls of an operation go wrong in the ways that are set; several may be set together.

    With `after` the call is carried out first and only its answer is replaced: the caller never learns what was done.
    """

    operation: str = ANY
    times: int = 1
    fault: str = ""
    """Official name of the fault to answer."""
    words: str = ""
    status: int | None = None
    """HTTP status to answer, with an HTML page as body."""
    garbage: bool = False
    """Send bytes that are no XML, with status 200."""
    delay_s: float = 0
    after: bool = False

    def __post_init__(self) -> None:
        if self.operation not in {ANY, LOGIN, *OPERATIONS}:
            raise ValueError(f"operation debe ser una de: {', '.join((ANY, LOGIN, *OPERATIONS))}")
        if self.fault and self.fault not in _NAMES:
            raise ValueError(f"fault debe ser una de: {', '.join(sorted(_NAMES))}")
        if self.times < 1 or self.delay_s < 0:
            raise ValueError("times debe ser al menos 1, y delay_s no menor que cero")

    @property
    def replaces_answer(self) -> bool:
        """Tell whether the answer is another than the true one."""
        return bool(self.fault) or self.status is not None or self.garbage

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self)


def take(faults: list[Fault], operation: str) -> Fault | None:
    """Spend and answer the first fault set for this operation, or None."""
    for index, fault in enumerate(faults):
        if fault.operation in {operation, ANY}:
            faults[index : index + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
            return fault
    return None
