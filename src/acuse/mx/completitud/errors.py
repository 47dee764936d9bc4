"""What can go wrong with months.

InvalidInput
└── MonthUnreadable
"""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput


class MonthUnreadable(InvalidInput):
    """A month is not AAAA-MM, or a stretch of months ends before it begins or is longer than six years."""

    code = "MONTH_UNREADABLE"
    message = "«{text}» no sirve como mes. Escríbelo como 2025-01; el último no puede ir antes que el primero."
