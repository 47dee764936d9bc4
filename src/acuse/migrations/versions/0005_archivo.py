"""CFDIs, the parties of each taxpayer, the packages already indexed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
LOCAL = sa.TIMESTAMP(timezone=False)


def _taxpayer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["contribuyente_id"], ["contribuyentes.id"], name=f"fk_{table}_contribuyente_id", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "indexed_paquetes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("paquete_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refusals", postgresql.JSONB(), nullable=False),
        sa.Column("indexed_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind in ('xml', 'metadata')", name="ck_indexed_paquetes_kind"),
        _taxpayer("indexed_paquetes"),
        sa.PrimaryKeyConstraint("id", name="pk_indexed_paquetes"),
        sa.UniqueConstraint("contribuyente_id", "paquete_key", name="uq_indexed_paquetes_paquete_key"),
    )
    op.create_table(
        "contrapartes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        _taxpayer("contrapartes"),
        sa.PrimaryKeyConstraint("id", name="pk_contrapartes"),
        sa.UniqueConstraint("contribuyente_id", "rfc", "nombre", name="uq_contrapartes_rfc"),
    )
    op.create_index("ix_contrapartes_search", "contrapartes", ["search"], postgresql_using="gin")
    op.create_table(
        "cfdi",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("contraparte_id", sa.BigInteger(), nullable=False),
        sa.Column("fecha", LOCAL, nullable=False),
        sa.Column("fecha_timbrado", LOCAL, nullable=False),
        sa.Column("efecto", sa.Text(), nullable=False),
        sa.Column("emisor_rfc", sa.Text(), nullable=False),
        sa.Column("emisor_nombre", sa.Text()),
        sa.Column("receptor_rfc", sa.Text(), nullable=False),
        sa.Column("receptor_nombre", sa.Text()),
        sa.Column("rfc_pac", sa.Text()),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("estado", sa.Text()),
        sa.Column("fecha_cancelacion", LOCAL),
        sa.Column("estado_as_of", INSTANT),
        sa.Column("tercero_rfc", sa.Text()),
        sa.Column("tercero_nombre", sa.Text()),
        sa.Column("version", sa.Text()),
        sa.Column("serie", sa.Text()),
        sa.Column("folio", sa.Text()),
        sa.Column("emisor_regimen", sa.Text()),
        sa.Column("receptor_regimen", sa.Text()),
        sa.Column("uso_cfdi", sa.Text()),
        sa.Column("moneda", sa.Text()),
        sa.Column("tipo_cambio", sa.Numeric()),
        sa.Column("subtotal", sa.Numeric()),
        sa.Column("descuento", sa.Numeric()),
        sa.Column("trasladados", sa.Numeric()),
        sa.Column("retenidos", sa.Numeric()),
        sa.Column("iva_trasladado", sa.Numeric()),
        sa.Column("iva_retenido", sa.Numeric()),
        sa.Column("isr_retenido", sa.Numeric()),
        sa.Column("ieps_trasladado", sa.Numeric()),
        sa.Column("pagado_mxn", sa.Numeric()),
        sa.Column("metodo_pago", sa.Text()),
        sa.Column("forma_pago", sa.Text()),
        sa.Column("lugar_expedicion", sa.Text()),
        sa.Column("tipo_relacion", sa.Text()),
        sa.Column("relacionados", postgresql.ARRAY(sa.Uuid())),
        sa.Column("complementos", postgresql.ARRAY(sa.Text())),
        sa.Column("no_certificado", sa.Text()),
        sa.Column("sello_final", sa.Text()),
        sa.Column("xml_paquete_id", sa.BigInteger()),
        sa.Column("xml_offset", sa.BigInteger()),
        sa.Column("xml_length", sa.Integer()),
        sa.Column("xml_method", sa.SmallInteger()),
        sa.Column("xml_size", sa.Integer()),
        sa.CheckConstraint("direction in ('E', 'R')", name="ck_cfdi_direction"),
        sa.CheckConstraint("efecto in ('I', 'E', 'T', 'N', 'P')", name="ck_cfdi_efecto"),
        sa.CheckConstraint("estado in ('vigente', 'cancelado')", name="ck_cfdi_estado"),
        sa.ForeignKeyConstraint(
            ["contraparte_id"], ["contrapartes.id"], name="fk_cfdi_contraparte_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contribuyente_id", "uuid", name="pk_cfdi"),
    )
    op.create_index("ix_cfdi_fecha", "cfdi", ["contribuyente_id", "fecha", "uuid"])
    op.create_index("ix_cfdi_contraparte", "cfdi", ["contraparte_id", "fecha", "uuid"])
    op.create_index(
        "ix_cfdi_folio", "cfdi", ["contribuyente_id", "folio"], postgresql_where=sa.text("folio is not null")
    )
    op.create_index(
        "ix_cfdi_cancelado",
        "cfdi",
        ["contribuyente_id", "fecha", "uuid"],
        postgresql_where=sa.text("estado = 'cancelado'"),
    )
    op.create_index(
        "ix_cfdi_without_xml",
        "cfdi",
        ["contribuyente_id", "fecha", "uuid"],
        postgresql_where=sa.text("xml_paquete_id is null"),
    )


def downgrade() -> None:
    op.drop_table("cfdi")
    op.drop_table("contrapartes")
    op.drop_table("indexed_paquetes")
