"""The list of simulators, and the one door that serves them all on a loopback port."""

from acuse.simulators.server import Description, run_simulators

__all__ = ["Description", "run_simulators"]
