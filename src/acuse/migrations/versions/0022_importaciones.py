"""Uploaded archives that are taken in by a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "importaciones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("estado", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("report", JSONB(), nullable=False),
        sa.Column("packages", JSONB(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.CheckConstraint("estado in ('en_curso', 'terminada', 'fallida')", name=op.f("ck_importaciones_estado")),
        sa.ForeignKeyConstraint(
            ["contribuyente_id"],
            ["contribuyentes.id"],
            name=op.f("fk_importaciones_contribuyente_id_contribuyentes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_importaciones")),
    )
    op.create_index("ix_importaciones_created_at", "importaciones", ["created_at", "id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("importaciones")
