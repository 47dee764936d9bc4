"""What fell due in the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class NoticeDue(Event):
    """An e-mail is to be sent, or tried again."""

    notice_id: int
