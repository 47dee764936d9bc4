"""Plans, solicitudes and their history, paquetes, the SAT's tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
WALL = sa.TIMESTAMP(timezone=False)
WORD = sa.String(length=60)


def _of_contribuyente(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["contribuyente_id"], ["contribuyentes.id"], name=f"fk_{table}_contribuyente_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "planes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("familia", WORD, nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("sentido", WORD, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        _of_contribuyente("planes"),
        sa.PrimaryKeyConstraint("id", name="pk_planes"),
        sa.UniqueConstraint("contribuyente_id", "familia", "year", "sentido", name="uq_planes_year"),
    )
    op.create_table(
        "solicitudes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("familia", WORD, nullable=False),
        sa.Column("tipo", WORD, nullable=False),
        sa.Column("sentido", WORD, nullable=False),
        sa.Column("fecha_inicio", WALL, nullable=False),
        sa.Column("fecha_fin", WALL, nullable=False),
        sa.Column("efecto", sa.Text(), nullable=False),
        sa.Column("estado_comprobante", sa.Text(), nullable=False),
        sa.Column("complemento", sa.Text(), nullable=False),
        sa.Column("counterparts", sa.Text(), nullable=False),
        sa.Column("rfc_a_cuenta_terceros", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("plan_slot", sa.Text(), nullable=True),
        sa.Column("estado", WORD, nullable=False),
        sa.Column("id_solicitud", sa.Text(), nullable=True),
        sa.Column("cod_estatus", sa.BigInteger(), nullable=True),
        sa.Column("estado_solicitud", sa.BigInteger(), nullable=True),
        sa.Column("codigo_estado_solicitud", sa.BigInteger(), nullable=True),
        sa.Column("mensaje", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("numero_cfdis", sa.BigInteger(), nullable=True),
        sa.Column("sends", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_check_at", INSTANT, nullable=True),
        sa.Column("busy_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        _of_contribuyente("solicitudes"),
        sa.ForeignKeyConstraint(["plan_id"], ["planes.id"], name="fk_solicitudes_plan_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_solicitudes"),
        sa.UniqueConstraint(
            "contribuyente_id",
            "familia",
            "tipo",
            "sentido",
            "fecha_inicio",
            "fecha_fin",
            "efecto",
            "estado_comprobante",
            "complemento",
            "counterparts",
            "rfc_a_cuenta_terceros",
            name="uq_solicitudes_parametros",
        ),
        sa.UniqueConstraint("plan_id", "plan_slot", name="uq_solicitudes_plan_id_plan_slot"),
    )
    op.create_index("ix_solicitudes_created_at", "solicitudes", ["created_at", "fecha_inicio", "id"])
    op.create_index(
        "ix_solicitudes_contribuyente_id", "solicitudes", ["contribuyente_id", "created_at", "fecha_inicio", "id"]
    )
    op.create_index(
        "ix_solicitudes_next_check_at",
        "solicitudes",
        ["next_check_at"],
        postgresql_where=sa.text("next_check_at is not null"),
    )
    op.create_table(
        "solicitud_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("solicitud_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("suceso", WORD, nullable=False),
        sa.Column("codigo", sa.BigInteger(), nullable=True),
        sa.Column("mensaje", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["solicitud_id"], ["solicitudes.id"], name="fk_solicitud_history_solicitud_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_solicitud_history"),
    )
    op.create_index("ix_solicitud_history_solicitud_id_id", "solicitud_history", ["solicitud_id", "id"])
    op.create_table(
        "paquetes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("id_paquete", sa.Text(), nullable=False),
        sa.Column("solicitud_id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("downloads", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("lost", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=True),
        sa.Column("busy_until", INSTANT, nullable=True),
        sa.Column("stored_at", INSTANT, nullable=True),
        sa.Column("indexed_at", INSTANT, nullable=True),
        sa.Column("cfdis", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["solicitud_id"], ["solicitudes.id"], name="fk_paquetes_solicitud_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_paquetes"),
        sa.UniqueConstraint("solicitud_id", "id_paquete", name="uq_paquetes_solicitud_id_id_paquete"),
    )
    op.create_index("ix_paquetes_found_at_id", "paquetes", ["found_at", "id"])
    op.create_index(
        "ix_paquetes_next_try_at",
        "paquetes",
        ["next_try_at"],
        postgresql_where=sa.text("next_try_at is not null"),
    )
    op.create_table(
        "sat_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("familia", WORD, nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("efirma_number", sa.Text(), nullable=False),
        sa.Column("obtained_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("renew_at", INSTANT, nullable=False),
        _of_contribuyente("sat_tokens"),
        sa.PrimaryKeyConstraint("id", name="pk_sat_tokens"),
        sa.UniqueConstraint("contribuyente_id", "familia", name="uq_sat_tokens_contribuyente_id_familia"),
    )


def downgrade() -> None:
    for table in ("sat_tokens", "paquetes", "solicitud_history", "solicitudes", "planes"):
        op.drop_table(table)
