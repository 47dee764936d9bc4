"""Exports, and the stored parts their files are put together from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "exportaciones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("formato", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("taxpayers", JSONB(), nullable=False),
        sa.Column("wanted", JSONB(), nullable=False),
        sa.Column("estado", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("progress", JSONB(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("moved_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "estado in ('en_curso', 'lista', 'fallida', 'cancelada')", name=op.f("ck_exportaciones_estado")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exportaciones")),
    )
    op.create_index(
        "uq_exportaciones_running",
        "exportaciones",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("estado = 'en_curso'"),
    )
    op.create_index("ix_exportaciones_created_at", "exportaciones", ["created_at", "id"])
    op.create_table(
        "exportacion_partes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exportacion_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exportacion_id"],
            ["exportaciones.id"],
            name=op.f("fk_exportacion_partes_exportacion_id_exportaciones"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exportacion_partes")),
    )
    op.create_index("ix_exportacion_partes_order", "exportacion_partes", ["exportacion_id", "rank", "id"])


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("exportacion_partes")
    op.drop_table("exportaciones")
