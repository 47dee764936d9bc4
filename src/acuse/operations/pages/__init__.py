"""Pages of operations: the home page, jobs, health, what needs somebody, and the audit."""

from acuse.operations.pages import audit, house
from acuse.operations.pages.house import home_panel

routers = (house.router, audit.router)

__all__ = ["home_panel", "routers"]
