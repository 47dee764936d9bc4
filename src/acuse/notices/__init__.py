"""E-mail to people: written in the transaction of what it tells of, sent by a job, never lost in silence."""

from acuse.notices.errors import RecipientInvalid
from acuse.notices.model import Notice, NoticeState, Template
from acuse.notices.service import Outbox

__all__ = ["Notice", "NoticeState", "Outbox", "RecipientInvalid", "Template"]
