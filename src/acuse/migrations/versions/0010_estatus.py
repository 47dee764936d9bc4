"""What the SAT answered about CFDIs, and batches of questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consulta_lotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("rfcs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint("state in ('en_curso', 'terminado')", name="ck_consulta_lotes_state"),
        sa.PrimaryKeyConstraint("id", name="pk_consulta_lotes"),
    )
    op.create_index(
        "uq_consulta_lotes_running",
        "consulta_lotes",
        ["fingerprint"],
        unique=True,
        postgresql_where=sa.text("state = 'en_curso'"),
    )
    op.create_index("ix_consulta_lotes_created_at", "consulta_lotes", ["created_at", "id"])
    op.create_table(
        "cfdi_consultas",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("codigo_estatus", sa.Text(), nullable=False),
        sa.Column("estado", sa.Text(), nullable=False),
        sa.Column("es_cancelable", sa.Text(), nullable=False),
        sa.Column("estatus_cancelacion", sa.Text(), nullable=False),
        sa.Column("validacion_efos", sa.Text(), nullable=False),
        sa.Column("fecha_timbrado", sa.TIMESTAMP(timezone=False), nullable=False),
        sa.Column("cancellation_found", sa.Boolean(), nullable=False),
        sa.Column("lote_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribuyente_id"],
            ["contribuyentes.id"],
            name="fk_cfdi_consultas_contribuyente_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lote_id"], ["consulta_lotes.id"], name="fk_cfdi_consultas_lote_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cfdi_consultas"),
        sa.UniqueConstraint("lote_id", "contribuyente_id", "uuid", name="uq_cfdi_consultas_lote_id"),
    )
    op.create_index("ix_cfdi_consultas_uuid", "cfdi_consultas", ["contribuyente_id", "uuid", "asked_at"])
    op.create_index(
        "ix_cfdi_consultas_cancellation",
        "cfdi_consultas",
        ["contribuyente_id", "asked_at"],
        postgresql_where=sa.text("cancellation_found"),
    )


def downgrade() -> None:
    op.drop_table("cfdi_consultas")
    op.drop_table("consulta_lotes")
