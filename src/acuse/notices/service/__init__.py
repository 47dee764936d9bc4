"""The outbox's service: enqueue, send, show, retry."""

from acuse.notices.service.account_letters import AccountLetters
from acuse.notices.service.invitations import Invitations
from acuse.notices.service.letters import Letters
from acuse.notices.service.outbox import Outbox
from acuse.notices.service.postman import MailSettings, Postman, SmtpPostman

__all__ = ["AccountLetters", "Invitations", "Letters", "MailSettings", "Outbox", "Postman", "SmtpPostman"]
