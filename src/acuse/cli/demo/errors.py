"""What can end a demonstration early."""

from __future__ import annotations

from acuse.kernel.errors import Refused, Unavailable


class DemoIncomplete(Unavailable):
    """The main job did not end as it should: something failed or stood still. Run again it goes on from there."""

    code = "DEMO_INCOMPLETE"
    message = "La demostración quedó incompleta: {missing}. Los detalles están en {log}."


class DemoCallFailed(Refused):
    """The application refused a call the demonstration makes, or broke under it."""

    code = "DEMO_CALL_FAILED"
    message = "La aplicación respondió {status} a {call}: {answer}"


class SimulatorsDidNotStart(Unavailable):
    """The simulators' process ended before it was ready."""

    code = "SIMULATORS_DID_NOT_START"
    message = "Los simuladores no arrancaron. Los detalles están en {log}."
