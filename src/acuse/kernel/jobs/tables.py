"""Why jobs failed. The job itself stands in the engine's own tables, which cascade nothing to ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base


class JobFailure(Base):
    """The last fault of a job in Spanish, with its code; `final` when no try is left."""

    __tablename__ = "job_failures"

    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str]
    reason: Mapped[str]
    final: Mapped[bool]
    failed_at: Mapped[datetime]
