"""JSON of operations: health and metrics for monitors, the audit for administrators."""

from acuse.operations.api import audit, health

routers = (health.router, audit.router, audit.reports)

__all__ = ["routers"]
