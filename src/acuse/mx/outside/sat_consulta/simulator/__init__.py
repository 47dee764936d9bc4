"""The SAT's consulta service as an ASGI application, with its own state and a switch for each failure."""

from acuse.mx.outside.sat_consulta.simulator.app import create_app
from acuse.mx.outside.sat_consulta.simulator.control import control_routes
from acuse.mx.outside.sat_consulta.simulator.state import ConsultaState, Fault, Known

__all__ = ["ConsultaState", "Fault", "Known", "control_routes", "create_app"]
