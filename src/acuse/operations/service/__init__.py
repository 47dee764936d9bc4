"""How the house is doing, and telling the administrators when something gave up."""

from acuse.operations.service.audit_desk import AuditDesk
from acuse.operations.service.failures import FailureLetters
from acuse.operations.service.house_care import CheckResult, OperationsService
from acuse.operations.service.house_checks import HouseChecks

__all__ = ["AuditDesk", "CheckResult", "FailureLetters", "HouseChecks", "OperationsService"]
