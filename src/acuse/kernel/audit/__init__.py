"""The audit: who did what to what, in the change's own transaction, each row chained to the one before."""

from acuse.kernel.audit.actions import AuditAction
from acuse.kernel.audit.actor import SYSTEM, Actor
from acuse.kernel.audit.archive import AuditArchive, AuditBroken, AuditKeptTooShort, Part
from acuse.kernel.audit.chain import AuditKeys
from acuse.kernel.audit.checkpoints import Checkpoint, Checkpoints
from acuse.kernel.audit.head import execute_and_take_head
from acuse.kernel.audit.log import Audit
from acuse.kernel.audit.reading import AuditEntry, AuditEntryNotFound, AuditFilter
from acuse.kernel.audit.tables import AuditHead, AuditRow
from acuse.kernel.audit.verify import AuditFault, AuditReport

__all__ = [
    "SYSTEM",
    "Actor",
    "Audit",
    "AuditAction",
    "AuditArchive",
    "AuditBroken",
    "AuditEntry",
    "AuditEntryNotFound",
    "AuditFault",
    "AuditFilter",
    "AuditHead",
    "AuditKeptTooShort",
    "AuditKeys",
    "AuditReport",
    "AuditRow",
    "Checkpoint",
    "Checkpoints",
    "Part",
    "execute_and_take_head",
]
