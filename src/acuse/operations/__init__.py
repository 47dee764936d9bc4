"""Screens and endpoints over jobs, audit, health and metrics: how the house itself is doing."""

from acuse.operations.service import OperationsService

__all__ = ["OperationsService"]
