"""Fiscal controllers, their certificates, downloads, quotas and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
WORD = sa.String(length=60)


def upgrade() -> None:
    op.create_table(
        "crs_controladores",
        sa.Column("controlador_id", sa.Text(), primary_key=True),
        sa.Column("fabricante", sa.Text(), nullable=False),
        sa.Column("marca", sa.Text(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("numero_serie", sa.Text(), nullable=False),
        sa.Column("estado", WORD, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "crs_certificados",
        sa.Column("id_certificado", sa.Uuid(), primary_key=True),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("controlador_id", sa.Text(), sa.ForeignKey("crs_controladores.controlador_id"), nullable=False),
        sa.Column("archivo_referencia", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("not_after", INSTANT, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("public_key_sha256", sa.Text(), nullable=False),
        sa.Column("key_bits", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("metadata", JSONB(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )
    op.create_index("uq_crs_certificados_fingerprint", "crs_certificados", ["fingerprint"], unique=True)
    op.create_index(
        "ix_crs_certificados_controlador", "crs_certificados", ["controlador_id", "not_before", "id_certificado"]
    )
    op.create_index("ix_crs_certificados_not_after", "crs_certificados", ["not_after"])
    op.create_table(
        "crs_descargas",
        sa.Column("id_descarga", sa.Uuid(), primary_key=True),
        sa.Column("id_usuario", sa.BigInteger(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("id_certificado", sa.Uuid(), sa.ForeignKey("crs_certificados.id_certificado"), nullable=False),
        sa.Column("controlador_id", sa.Text(), nullable=False),
        sa.Column("certificado_nombre", sa.Text(), nullable=False),
        sa.Column("fecha", INSTANT, nullable=False),
        sa.Column("estado", WORD, nullable=False),
        sa.Column("logs", JSONB(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("ip_origen", sa.Text(), nullable=True),
        sa.Column("deliveries", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )
    newest = (sa.text("fecha DESC"), sa.text("id_descarga DESC"))
    op.create_index("ix_crs_descargas_fecha", "crs_descargas", [*newest])
    op.create_index("ix_crs_descargas_usuario", "crs_descargas", ["id_usuario", *newest])
    op.create_index("ix_crs_descargas_estado", "crs_descargas", ["estado", *newest])
    op.create_index("ix_crs_descargas_controlador", "crs_descargas", ["controlador_id", *newest])
    op.create_table(
        "crs_quotas",
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
        sa.Column("limite", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("blocked_cycle", sa.BigInteger(), nullable=True),
        sa.Column("blocked_attempts", sa.BigInteger(), nullable=False),
        sa.Column("blocked_mail_at", INSTANT, nullable=True),
        sa.CheckConstraint("pending >= 0 AND total >= pending AND limite >= 0", name="sane"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "crs_alertas",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("limite", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_index("uq_crs_alertas_key", "crs_alertas", ["key"], unique=True)
    op.create_index("ix_crs_alertas_created_at", "crs_alertas", ["created_at"])
    op.create_table(
        "crs_start_keys",
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", JSONB(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_index("ix_crs_start_keys_created_at", "crs_start_keys", ["created_at"])
    op.create_table(
        "crs_radar",
        sa.Column(
            "id_certificado",
            sa.Uuid(),
            sa.ForeignKey("crs_certificados.id_certificado", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("days", sa.SmallInteger(), primary_key=True),
        sa.Column("told_at", INSTANT, nullable=False),
    )


def downgrade() -> None:
    for table in ("radar", "start_keys", "alertas", "quotas", "descargas", "certificados", "controladores"):
        op.drop_table(f"crs_{table}")
