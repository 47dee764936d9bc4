"""Users: the limit of pending downloads, and when their data last changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; whoever is there gets the limit that a missing one means."""
    op.add_column("users", sa.Column("limite_descargas", sa.Integer(), server_default="5", nullable=False))
    op.add_column("users", sa.Column("updated_at", sa.TIMESTAMP(timezone=True)))


def downgrade() -> None:
    """Take the columns away again."""
    op.drop_column("users", "updated_at")
    op.drop_column("users", "limite_descargas")
