"""Whether anybody took the file of an export: who removes a taxpayer is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; of files taken before nothing is known."""
    op.add_column("exportaciones", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("exportaciones", "taken_at")
