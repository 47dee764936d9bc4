"""Taxpayers who leave: when everything was last exported, and the RFCs whose files are still being deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("contribuyentes", sa.Column("exported_at", INSTANT, nullable=True))
    op.create_table(
        "contribuyente_removals",
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("removed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("rfc", name="pk_contribuyente_removals"),
    )


def downgrade() -> None:
    op.drop_table("contribuyente_removals")
    op.drop_column("contribuyentes", "exported_at")
