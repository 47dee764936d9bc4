"""Payments and what they pay; certificates of withholding; what the index keeps of rarer complements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LOCAL = sa.TIMESTAMP(timezone=False)


def _taxpayer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["contribuyente_id"], ["contribuyentes.id"], name=f"fk_{table}_contribuyente_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.add_column("cfdi", sa.Column("detalle", postgresql.JSONB()))
    op.drop_constraint("ck_cfdi_efecto", "cfdi", type_="check")
    op.create_check_constraint("ck_cfdi_efecto", "cfdi", "efecto in ('I', 'E', 'T', 'N', 'P', 'R')")
    op.create_table(
        "pagos",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("fecha", LOCAL, nullable=False),
        sa.Column("forma_pago", sa.Text()),
        sa.Column("moneda", sa.Text()),
        sa.Column("tipo_cambio", sa.Numeric()),
        sa.Column("monto", sa.Numeric(), nullable=False),
        sa.Column("monto_mxn", sa.Numeric(), nullable=False),
        sa.Column("iva_trasladado_mxn", sa.Numeric()),
        sa.Column("iva_retenido_mxn", sa.Numeric()),
        sa.Column("isr_retenido_mxn", sa.Numeric()),
        _taxpayer("pagos"),
        sa.PrimaryKeyConstraint("contribuyente_id", "uuid", "numero", name="pk_pagos"),
    )
    op.create_index("ix_pagos_fecha", "pagos", ["contribuyente_id", "fecha"])
    op.create_table(
        "pago_documentos",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("pago", sa.Integer(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("documento", sa.Uuid()),
        sa.Column("serie", sa.Text()),
        sa.Column("folio", sa.Text()),
        sa.Column("moneda", sa.Text()),
        sa.Column("equivalencia", sa.Numeric()),
        sa.Column("parcialidad", sa.Integer()),
        sa.Column("saldo_anterior", sa.Numeric()),
        sa.Column("pagado", sa.Numeric()),
        sa.Column("insoluto", sa.Numeric()),
        _taxpayer("pago_documentos"),
        sa.PrimaryKeyConstraint("contribuyente_id", "uuid", "pago", "numero", name="pk_pago_documentos"),
    )
    op.create_index("ix_pago_documentos_documento", "pago_documentos", ["contribuyente_id", "documento"])


def downgrade() -> None:
    for table in ("pago_documentos", "pagos"):
        op.drop_table(table)
    op.execute("delete from cfdi where efecto = 'R'")
    op.drop_constraint("ck_cfdi_efecto", "cfdi", type_="check")
    op.create_check_constraint("ck_cfdi_efecto", "cfdi", "efecto in ('I', 'E', 'T', 'N', 'P')")
    op.drop_column("cfdi", "detalle")
