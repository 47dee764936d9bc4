"""The only door out: outgoing HTTP with time limits, retries, bounded bodies, redacted logs and counters."""

from acuse.kernel.http.client import HttpClient
from acuse.kernel.http.clients import HttpClients
from acuse.kernel.http.errors import ReplyTooLarge, ReplyUnreadable, ServiceUnreachable
from acuse.kernel.http.model import HttpReply, Timeouts

__all__ = [
    "HttpClient",
    "HttpClients",
    "HttpReply",
    "ReplyTooLarge",
    "ReplyUnreadable",
    "ServiceUnreachable",
    "Timeouts",
]
