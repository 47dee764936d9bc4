"""Taxpayers, access to them, e.firmas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contribuyentes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("daily_download", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contribuyentes"),
        sa.UniqueConstraint("rfc", name="uq_contribuyentes_rfc"),
    )
    op.create_table(
        "accesos",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.CheckConstraint("level in ('lectura', 'operacion', 'dueño')", name="ck_accesos_level"),
        sa.ForeignKeyConstraint(
            ["contribuyente_id"], ["contribuyentes.id"], name="fk_accesos_contribuyente_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_accesos_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contribuyente_id", "user_id", name="pk_accesos"),
    )
    op.create_index("ix_accesos_user_id", "accesos", ["user_id"])
    op.create_table(
        "efirmas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("representative_rfc", sa.Text(), nullable=True),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.CheckConstraint("active = (sealed_key is not null)", name="ck_efirmas_key_while_active"),
        sa.ForeignKeyConstraint(
            ["contribuyente_id"], ["contribuyentes.id"], name="fk_efirmas_contribuyente_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name="fk_efirmas_uploaded_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_efirmas"),
        sa.UniqueConstraint("contribuyente_id", "fingerprint", name="uq_efirmas_contribuyente_id_fingerprint"),
    )
    op.create_index(
        "uq_efirmas_active", "efirmas", ["contribuyente_id"], unique=True, postgresql_where=sa.text("active")
    )


def downgrade() -> None:
    op.drop_table("efirmas")
    op.drop_table("accesos")
    op.drop_table("contribuyentes")
