"""A faithful ARCA that runs here: WSAA and ARBCCF with their proofs, their faults and a memory."""

from acuse.ar.outside.arca.simulator.app import create_app
from acuse.ar.outside.arca.simulator.control import control_routes
from acuse.ar.outside.arca.simulator.faults import Fault, Place
from acuse.ar.outside.arca.simulator.state import ArcaState, Device

__all__ = ["ArcaState", "Device", "Fault", "Place", "control_routes", "create_app"]
