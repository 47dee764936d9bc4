"""Whose a claim is, so that it ends with its holder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the name of the work a row was claimed for."""
    for table in ("solicitudes", "paquetes"):
        op.add_column(table, sa.Column("busy_by", sa.Text(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    for table in ("solicitudes", "paquetes"):
        op.drop_column(table, "busy_by")
