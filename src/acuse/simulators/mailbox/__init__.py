"""A mailbox that receives every e-mail and delivers none: an SMTP server on loopback, and a page to read it."""

from acuse.simulators.mailbox.page import create_page
from acuse.simulators.mailbox.sink import Fault, Mail, Mailbox

__all__ = ["Fault", "Mail", "Mailbox", "create_page"]
