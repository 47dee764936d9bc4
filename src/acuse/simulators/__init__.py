"""The list of simulators, and the one door that serves them all on a loopback port."""

from acuse.simulators.sat import corpus_size
from acuse.simulators.server import Description, run_simulators

__all__ = ["Description", "corpus_size", "run_simulators"]
