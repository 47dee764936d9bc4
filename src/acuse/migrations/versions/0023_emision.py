"""Issuances asked of ARCA, the company's credential, its tickets, the pause of calls; reserved places of quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
WORD = sa.String(length=60)
SANE = "pending >= 0 AND total >= pending AND limite >= 0"


def upgrade() -> None:
    """Create the tables; give quotas their reserved places."""
    op.add_column("crs_quotas", sa.Column("reserved", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_constraint(op.f("ck_crs_quotas_sane"), "crs_quotas")
    op.create_check_constraint(op.f("ck_crs_quotas_sane"), "crs_quotas", f"{SANE} AND reserved >= 0")
    op.create_table(
        "crs_emisiones",
        sa.Column("id_emision", sa.Uuid(), primary_key=True),
        sa.Column("id_usuario", sa.BigInteger(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("controlador_id", sa.Text(), nullable=False),
        sa.Column("tramite", WORD, nullable=False),
        sa.Column("estado", WORD, nullable=False),
        sa.Column("request", sa.LargeBinary()),
        sa.Column("request_key", sa.Text()),
        sa.Column("intentos", sa.BigInteger(), nullable=False),
        sa.Column("repeticiones", sa.BigInteger(), nullable=False),
        sa.Column("motivo", sa.Text()),
        sa.Column("motivo_codigo", sa.Text()),
        sa.Column("historia", JSONB(), nullable=False),
        sa.Column("id_certificado", sa.Uuid(), sa.ForeignKey("crs_certificados.id_certificado")),
        sa.Column("id_descarga", sa.Uuid(), sa.ForeignKey("crs_descargas.id_descarga")),
        sa.Column("called_at", INSTANT),
        sa.Column("next_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
    )
    op.create_index(
        "uq_crs_emisiones_open",
        "crs_emisiones",
        ["controlador_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("ix_crs_emisiones_usuario", "crs_emisiones", ["id_usuario", sa.text("created_at DESC")])
    op.create_index("ix_crs_emisiones_created_at", "crs_emisiones", [sa.text("created_at DESC")])
    op.create_table(
        "crs_arca_credencial",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("cuit", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
    )
    op.create_table(
        "crs_arca_tickets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("sealed_ticket", sa.LargeBinary()),
        sa.Column("expires_at", INSTANT),
        sa.Column("asking_until", INSTANT),
    )
    op.create_table(
        "crs_arca_pausa",
        sa.Column("service", sa.Text(), primary_key=True),
        sa.Column("until", INSTANT),
        sa.Column("since", INSTANT),
        sa.Column("reason", sa.Text()),
        sa.Column("problem", sa.Text()),
    )


def downgrade() -> None:
    """Drop the tables and the reserved places."""
    for name in ("crs_arca_pausa", "crs_arca_tickets", "crs_arca_credencial", "crs_emisiones"):
        op.drop_table(name)
    op.drop_constraint(op.f("ck_crs_quotas_sane"), "crs_quotas")
    op.create_check_constraint(op.f("ck_crs_quotas_sane"), "crs_quotas", SANE)
    op.drop_column("crs_quotas", "reserved")
