"""The list of article 69-B: versions, lines, and what was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lista_69b_versiones",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("suppressed", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lista_69b_versiones"),
        sa.UniqueConstraint("sha256", name="uq_lista_69b_versiones_sha256"),
    )
    op.create_table(
        "lista_69b",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("situacion", sa.Text(), nullable=False),
        sa.Column("notices", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lista_69b_versiones.id"], name="fk_lista_69b_version_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lista_69b"),
    )
    op.create_index("ix_lista_69b_rfc", "lista_69b", ["rfc", "version_id"])
    op.create_index("ix_lista_69b_version", "lista_69b", ["version_id"])
    op.create_table(
        "lista_69b_avisos",
        sa.Column("contribuyente_id", sa.BigInteger(), nullable=False),
        sa.Column("rfc", sa.Text(), nullable=False),
        sa.Column("situacion", sa.Text(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["contribuyente_id"], ["contribuyentes.id"], name="fk_lista_69b_avisos_contribuyente_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lista_69b_versiones.id"], name="fk_lista_69b_avisos_version_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contribuyente_id", "rfc", "situacion", name="pk_lista_69b_avisos"),
    )


def downgrade() -> None:
    for table in ("lista_69b_avisos", "lista_69b", "lista_69b_versiones"):
        op.drop_table(table)
