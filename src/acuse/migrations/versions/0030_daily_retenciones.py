"""The daily download asks for Retenciones too, for the taxpayers whose switch says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the switch, off."""
    op.add_column(
        "contribuyentes", sa.Column("daily_retenciones", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    """Drop the switch."""
    op.drop_column("contribuyentes", "daily_retenciones")
