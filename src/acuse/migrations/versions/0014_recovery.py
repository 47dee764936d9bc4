"""Forgotten passwords, and the links that replace them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "password_recoveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text()),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("token_version", sa.BigInteger()),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True)),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_password_recoveries_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_password_recoveries"),
    )
    op.create_index("uq_password_recoveries_token_hash", "password_recoveries", ["token_hash"], unique=True)
    op.create_index("ix_password_recoveries_asked_at", "password_recoveries", ["asked_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("password_recoveries")
