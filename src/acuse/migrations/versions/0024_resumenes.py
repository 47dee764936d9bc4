"""Monthly statements, which the database refuses to change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
WORD = sa.String(length=60)
TABLES = ("crs_resumenes", "crs_resumen_lineas", "crs_cierres")
GUARD = """
CREATE FUNCTION crs_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a closed statement never changes: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$
"""


def upgrade() -> None:
    """Create the tables and their guard."""
    op.create_table(
        "crs_resumenes",
        sa.Column("id_resumen", sa.Uuid(), primary_key=True),
        sa.Column("id_usuario", sa.BigInteger(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("cuit", sa.Text(), nullable=False),
        sa.Column("mes", sa.Text(), nullable=False),
        sa.Column("descargas", sa.BigInteger(), nullable=False),
        sa.Column("tardias", sa.BigInteger(), nullable=False),
        sa.Column("correcciones", sa.BigInteger(), nullable=False),
        sa.Column("pendientes", sa.BigInteger(), nullable=False),
        sa.Column("facturadas", sa.BigInteger(), nullable=False),
        sa.Column("csv_sha256", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
    )
    op.create_index("uq_crs_resumenes_month", "crs_resumenes", ["id_usuario", "mes"], unique=True)
    op.create_index("uq_crs_resumenes_previous", "crs_resumenes", ["id_usuario", "previous"], unique=True)
    op.create_index("ix_crs_resumenes_csv", "crs_resumenes", ["csv_sha256"])
    op.create_index("ix_crs_resumenes_pdf", "crs_resumenes", ["pdf_sha256"])
    op.create_table(
        "crs_resumen_lineas",
        sa.Column("id_resumen", sa.Uuid(), sa.ForeignKey("crs_resumenes.id_resumen"), primary_key=True),
        sa.Column("id_descarga", sa.Uuid(), sa.ForeignKey("crs_descargas.id_descarga"), primary_key=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("estado", WORD, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
    )
    op.create_index("ix_crs_resumen_lineas_descarga", "crs_resumen_lineas", ["id_descarga", "closed_at"])
    op.create_table(
        "crs_cierres",
        sa.Column("mes", sa.Text(), primary_key=True),
        sa.Column("resumenes", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
    )
    op.execute(GUARD)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION crs_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION crs_refuse_change()"
        )


def downgrade() -> None:
    """Drop the tables and their guard."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION crs_refuse_change()")
