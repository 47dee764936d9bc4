"""What was found cancelled after it was held as in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the ledger."""
    op.create_table(
        "cancelaciones",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("told_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribuyente_id"],
            ["contribuyentes.id"],
            name="fk_cancelaciones_contribuyente_id_contribuyentes",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contribuyente_id", "uuid", name="pk_cancelaciones"),
    )
    op.create_index("ix_cancelaciones_found_at", "cancelaciones", ["contribuyente_id", "found_at"])


def downgrade() -> None:
    """Drop the ledger."""
    op.drop_table("cancelaciones")
