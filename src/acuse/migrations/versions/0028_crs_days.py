"""Downloads counted by day and user, once the day is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the counts; the next night fills them."""
    op.create_table(
        "crs_dias",
        sa.Column("dia", sa.Date(), nullable=False),
        sa.Column("id_usuario", sa.BigInteger(), nullable=False),
        sa.Column("descargas", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["id_usuario"], ["users.id"], name="fk_crs_dias_id_usuario_users"),
        sa.PrimaryKeyConstraint("dia", "id_usuario", name="pk_crs_dias"),
    )


def downgrade() -> None:
    """Count where the downloads lie."""
    op.drop_table("crs_dias")
